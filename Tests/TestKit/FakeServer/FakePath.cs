using System.Collections.Specialized;
using System.Web;

namespace Flotilla.TestKit.FakeServer;

/// <summary>A path of the API, taken apart.</summary>
internal sealed record FakePath(string Prefix, string? Namespace, string Plural, string? Name, string? Subresource, NameValueCollection Query)
{
    public static FakePath Of(string pathAndQuery)
    {
        var parts = pathAndQuery.Split('?', 2);
        var query = HttpUtility.ParseQueryString(parts.Length > 1 ? parts[1] : "");
        var segments = parts[0].Trim('/').Split('/').Select(Uri.UnescapeDataString).ToArray();
        var groupLength = segments[0] == "api" ? 2 : 3;
        var prefix = string.Join('/', segments[..groupLength]);
        var rest = segments[groupLength..];
        string? ns = null;
        if (rest is ["namespaces", _, _, ..] && rest[2] is not ("status" or "finalize"))
        {
            ns = rest[1];
            rest = rest[2..];
        }
        return new(prefix, ns, rest[0], rest.ElementAtOrDefault(1), rest.ElementAtOrDefault(2), query);
    }

    public bool Holds(FakePath other) =>
        Prefix == other.Prefix && Plural == other.Plural && (Namespace is null || Namespace == other.Namespace);

    public string Key => $"{Prefix}/{Plural}/{Namespace}/{Name}";
}
