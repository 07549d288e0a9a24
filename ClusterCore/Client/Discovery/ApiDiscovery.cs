using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Client.Discovery;

/// <summary>A resource that the server serves, at its group's preferred version.</summary>
public sealed record DiscoveredResource(ResourceType<PartialObject> Type, IReadOnlySet<string> Verbs)
{
    public bool Can(params ReadOnlySpan<string> verbs)
    {
        foreach (var verb in verbs)
        {
            if (!Verbs.Contains(verb))
            {
                return false;
            }
        }
        return true;
    }
}

/// <param name="Failures">Groups that could not be read, with the reason: what they serve is not known.</param>
public sealed record DiscoveredApi(IReadOnlyList<DiscoveredResource> Resources, IReadOnlyList<string> Failures);

/// <summary>Asks the server what it serves.</summary>
public static class ApiDiscovery
{
    public static async Task<DiscoveredApi> ReadAsync(ApiClient client, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(client);
        var resources = new List<DiscoveredResource>();
        var failures = new List<string>();
        await ReadGroupVersionAsync(client, "", "v1", resources, failures, cancellationToken);
        var groups = (await client.RequestAsync(HttpMethod.Get, "/apis", null, cancellationToken)).OrThrow();
        foreach (var group in groups["groups"] as JsonArray ?? [])
        {
            var name = (string?)group?["name"] ?? "";
            var version = (string?)group?["preferredVersion"]?["version"] ?? "";
            await ReadGroupVersionAsync(client, name, version, resources, failures, cancellationToken);
        }
        return new(resources, failures);
    }

    private static async Task ReadGroupVersionAsync(
        ApiClient client, string group, string version, List<DiscoveredResource> resources, List<string> failures,
        CancellationToken cancellationToken)
    {
        var path = group.Length == 0 ? $"/api/{version}" : $"/apis/{group}/{version}";
        var result = await client.RequestAsync(HttpMethod.Get, path, null, cancellationToken);
        if (!result.Succeeded)
        {
            failures.Add($"{path}: {result.Failure.Message}");
            return;
        }
        foreach (var resource in result.Value["resources"] as JsonArray ?? [])
        {
            if (resource is JsonObject found && (string?)found["name"] is { } plural && !plural.Contains('/', StringComparison.Ordinal))
            {
                var type = ResourceType.Metadata(
                    group, version, plural, (string?)found["kind"] ?? "", (bool?)found["namespaced"] ?? false);
                var verbs = (found["verbs"] as JsonArray ?? []).Select(verb => (string?)verb ?? "");
                resources.Add(new(type, verbs.ToHashSet(StringComparer.Ordinal)));
            }
        }
    }
}
