using Flotilla.ClusterCore.Client.Json;

namespace Flotilla.ClusterCore.Client.Objects;

public sealed record ControllerRevision : KubernetesObject
{
    public RawJson? Data { get; set; }
    public long Revision { get; set; }
}
