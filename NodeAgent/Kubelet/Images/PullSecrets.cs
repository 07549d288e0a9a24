using System.IO.Enumeration;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Kubelet.Containers;
using Flotilla.NodeAgent.Runtime.Cri;

namespace Flotilla.NodeAgent.Kubelet.Images;

/// <summary>Registry credentials out of a pod's <c>imagePullSecrets</c>.</summary>
internal static class PullSecrets
{
    /// <returns>Credentials whose registry matches, most specific first, or null where none does; and the secrets that are not there.</returns>
    public static async Task<(IReadOnlyList<AuthConfig?> Credentials, IReadOnlyList<string> Missing)> ForAsync(
        Pod pod, string image, IClusterObjects objects, CancellationToken cancellationToken)
    {
        var found = new List<(string Registry, AuthConfig Credentials)>();
        var missing = new List<string>();
        foreach (var name in (pod.Spec?.ImagePullSecrets ?? []).Select(reference => reference.Name ?? ""))
        {
            if (await objects.SecretAsync(pod.Metadata.Namespace ?? "default", name, cancellationToken) is not { } secret)
            {
                missing.Add(name);
            }
            else if (secret.Data is { } data)
            {
                found.AddRange(Read(data));
            }
        }

        AuthConfig?[] matching = [.. found.Where(entry => Matches(entry.Registry, image)).OrderByDescending(entry => entry.Registry.Length).Select(entry => entry.Credentials)];
        return (matching.Length > 0 ? matching : [null], missing);
    }

    public static IEnumerable<(string Registry, AuthConfig Credentials)> Read(IReadOnlyDictionary<string, byte[]> data)
    {
        var auths = data.TryGetValue(".dockerconfigjson", out var config)
            ? Parse(config)?["auths"] as JsonObject
            : data.TryGetValue(".dockercfg", out var old) ? Parse(old) : null;
        foreach (var (registry, value) in auths ?? [])
        {
            if (value is JsonObject entry && Credentials(entry) is { } credentials)
            {
                yield return (Host(registry), credentials);
            }
        }
    }

    private static JsonObject? Parse(byte[] json)
    {
        try
        {
            return JsonNode.Parse(json) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static AuthConfig? Credentials(JsonObject entry)
    {
        var (user, password) = ((string?)entry["username"], (string?)entry["password"]);
        if (user is null && (string?)entry["auth"] is { } auth)
        {
            var text = new byte[auth.Length];
            if (!Convert.TryFromBase64String(auth, text, out var length) || Encoding.UTF8.GetString(text, 0, length).Split(':', 2) is not [var name, var secret])
            {
                return null;
            }

            (user, password) = (name, secret);
        }

        return user is null ? null : new() { Username = user, Password = password ?? "" };
    }

    /// <summary>An entry names a host, whose parts may be patterns (<c>*.example.com</c>, the port as it is), and perhaps the beginning of a path.</summary>
    public static bool Matches(string registry, string image)
    {
        var (host, path) = registry.Split('/', 2) is [var name, var beginning] ? (name, beginning) : (registry, "");
        var wanted = (host is "index.docker.io" or "registry-1.docker.io" ? "docker.io" : host).Split(':');
        var asked = ImageName.Registry(image).Split(':');
        var (pattern, parts) = (wanted[0].Split('.'), asked[0].Split('.'));
        return wanted.ElementAtOrDefault(1) == asked.ElementAtOrDefault(1)
            && pattern.Length == parts.Length
            && pattern.Zip(parts).All(pair => FileSystemName.MatchesSimpleExpression(pair.First, pair.Second, ignoreCase: false))
            && (image.StartsWith($"{ImageName.Registry(image)}/", StringComparison.Ordinal) ? image[(image.IndexOf('/') + 1)..] : image).StartsWith(path, StringComparison.Ordinal);
    }

    /// <summary>Older files name a whole URL: <c>https://index.docker.io/v1/</c>.</summary>
    private static string Host(string registry)
    {
        var plain = registry.Contains("://", StringComparison.Ordinal) ? registry[(registry.IndexOf("://", StringComparison.Ordinal) + 3)..] : registry;
        return plain.TrimEnd('/') is var path && (path.EndsWith("/v1", StringComparison.Ordinal) || path.EndsWith("/v2", StringComparison.Ordinal)) ? path[..^3] : plain.TrimEnd('/');
    }
}
