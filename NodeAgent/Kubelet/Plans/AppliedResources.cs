using System.Text.Json;
using Flotilla.ClusterCore.Client.Json;
using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.NodeAgent.Kubelet.Plans;

/// <summary>What a container may use, as text to compare: it stands on the container itself, for the next kubelet to read.</summary>
public static class AppliedResources
{
    public static string Text(ResourceRequirements? resources) =>
        JsonSerializer.Serialize(new() { Limits = Sorted(resources?.Limits), Requests = Sorted(resources?.Requests) }, ObjectJson.Default.ResourceRequirements);

    public static ResourceRequirements? Read(string text) => text.Length == 0 ? null : JsonSerializer.Deserialize(text, ObjectJson.Default.ResourceRequirements);

    /// <summary>Whether one of the resources that differ is to be changed by a restart.</summary>
    public static bool NeedsRestart(Container wanted, string applied)
    {
        var before = Read(applied);
        return (wanted.ResizePolicy ?? []).Any(policy => policy.RestartPolicy == "RestartContainer"
            && (Differs(before?.Limits, wanted.Resources?.Limits, policy.ResourceName) || Differs(before?.Requests, wanted.Resources?.Requests, policy.ResourceName)));
    }

    private static bool Differs(IReadOnlyDictionary<string, string>? before, IReadOnlyDictionary<string, string>? now, string name) =>
        before?.GetValueOrDefault(name) != now?.GetValueOrDefault(name);

    private static SortedDictionary<string, string>? Sorted(IReadOnlyDictionary<string, string>? list) =>
        list is null ? null : new(list.ToDictionary(), StringComparer.Ordinal);
}
