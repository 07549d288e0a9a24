using Microsoft.AspNetCore.Http;

namespace Flotilla.ClusterCore.ApiServer.Authentication;

/// <summary>What else is known of a user, each key in the name of a header: percent-encoded, and in any case.</summary>
internal static class ExtraHeaders
{
    public static Dictionary<string, string[]> Read(IHeaderDictionary headers, string prefix) =>
        headers.Where(header => header.Key.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
            .ToDictionary(
                header => Uri.UnescapeDataString(header.Key[prefix.Length..]).ToLowerInvariant(),
                header => header.Value.OfType<string>().ToArray(),
                StringComparer.Ordinal);
}
