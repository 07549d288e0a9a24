using System.Text;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Flotilla.ClusterCore.Storage;

namespace Flotilla.ClusterCore.ApiServer.Cache;

/// <summary>
/// Where objects live: <c>/registry/apps/deployments/web/nginx</c>; the core group is <c>core</c>, and cluster-scoped objects
/// have no namespace segment.
/// </summary>
internal readonly record struct StoreKey(GroupResource Resource, string Namespace, string Name)
{
    public static readonly KeyRange Everything = KeyRange.Prefix("/registry/"u8.ToArray());

    /// <summary>What orders objects within a resource, as their keys do in the store.</summary>
    public string Order => Namespace.Length == 0 ? Name : $"{Namespace}/{Name}";

    public string Path => Prefix(Resource, Namespace) + Name;

    public byte[] ToBytes() => Encoding.UTF8.GetBytes(Path);

    public static string Prefix(GroupResource resource, string @namespace)
    {
        var root = $"/registry/{(resource.Group.Length == 0 ? "core" : resource.Group)}/{resource.Resource}/";
        return @namespace.Length == 0 ? root : $"{root}{@namespace}/";
    }

    public static KeyRange RangeOf(GroupResource resource, string @namespace) =>
        KeyRange.Prefix(Encoding.UTF8.GetBytes(Prefix(resource, @namespace)));

    /// <summary>Null for keys that are not objects.</summary>
    public static StoreKey? Parse(ReadOnlySpan<byte> key)
    {
        var parts = Encoding.UTF8.GetString(key).Split('/');
        if (parts.Length is not (5 or 6) || parts[1] != "registry") { return null; }
        var resource = new GroupResource(parts[2] == "core" ? "" : parts[2], parts[3]);
        return parts.Length == 5 ? new(resource, "", parts[4]) : new(resource, parts[4], parts[5]);
    }
}
