using System.Collections.ObjectModel;
using Flotilla.ClusterCore.Client.Informers;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Scheduler.Selectors;

namespace Flotilla.ClusterCore.Scheduler.Sources;

internal sealed class NamespaceLabels(Informer<Namespace> namespaces) : INamespaceLabels
{
    public IReadOnlyDictionary<string, string> Of(string name) =>
        namespaces.Find(null, name)?.Metadata.Labels ?? ReadOnlyDictionary<string, string>.Empty;
}
