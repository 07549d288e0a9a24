using System.Text.Json.Serialization;
using Flotilla.ClusterCore.Client.Json;

namespace Flotilla.ClusterCore.Client.Objects;

public sealed record RuntimeClass : KubernetesObject
{
    public string Handler { get; set; } = "";
    public Overhead? Overhead { get; set; }
    public Scheduling? Scheduling { get; set; }
}

public sealed record Overhead
{
    [JsonConverter(typeof(ResourceListConverter))]
    public IReadOnlyDictionary<string, string>? PodFixed { get; set; }
}

public sealed record Scheduling
{
    public IReadOnlyDictionary<string, string>? NodeSelector { get; set; }
    public Toleration[]? Tolerations { get; set; }
}
