using System.Collections.ObjectModel;
using Flotilla.ClusterCore.Scheduler.Selectors;

namespace Flotilla.ClusterCore.Scheduler.Tests.Fakes;

internal sealed class FakeNamespaces : INamespaceLabels
{
    public Dictionary<string, IReadOnlyDictionary<string, string>> Labels { get; } = [];

    public IReadOnlyDictionary<string, string> Of(string name) =>
        Labels.GetValueOrDefault(name) ?? ReadOnlyDictionary<string, string>.Empty;
}
