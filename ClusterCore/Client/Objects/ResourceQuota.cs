using System.Text.Json.Serialization;
using Flotilla.ClusterCore.Client.Json;

namespace Flotilla.ClusterCore.Client.Objects;

public sealed record ResourceQuota : KubernetesObject
{
    public ResourceQuotaSpec Spec { get; set; } = new();
    public ResourceQuotaStatus Status { get; set; } = new();
}

public sealed record ResourceQuotaSpec
{
    [JsonConverter(typeof(ResourceListConverter))]
    public IReadOnlyDictionary<string, string>? Hard { get; set; }
    public string[]? Scopes { get; set; }
    public ScopeSelector? ScopeSelector { get; set; }
}

public sealed record ScopeSelector
{
    public ScopedResourceSelectorRequirement[]? MatchExpressions { get; set; }
}

public sealed record ScopedResourceSelectorRequirement
{
    public string ScopeName { get; set; } = "";
    public string Operator { get; set; } = "";
    public string[]? Values { get; set; }
}

public sealed record ResourceQuotaStatus
{
    [JsonConverter(typeof(ResourceListConverter))]
    public IReadOnlyDictionary<string, string>? Hard { get; set; }
    [JsonConverter(typeof(ResourceListConverter))]
    public IReadOnlyDictionary<string, string>? Used { get; set; }
}
