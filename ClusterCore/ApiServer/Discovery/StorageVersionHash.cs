using System.Security.Cryptography;
using System.Text;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Discovery;

/// <summary>
/// Tells storage migrators whether the version that objects of a resource are stored in has changed. The same for all APIs that
/// show the same objects; clients compare it and read nothing else from it.
/// </summary>
internal static class StorageVersionHash
{
    private const int Length = 8;

    /// <returns>Null for what is not stored: reviews, figures, bindings.</returns>
    public static string? Of(ServedResources resources, ResourceInfo resource)
    {
        if (!resource.Verbs.Contains("watch", StringComparer.Ordinal)) { return null; }
        var (group, _) = ServedResources.StorageOf(resource);
        var version = resources.CustomOf(resource)?.StorageVersion ?? VersionOf(resource);
        return Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes($"{group}/{version}/{resource.Kind}")).AsSpan(0, Length));
    }

    private static string VersionOf(ResourceInfo resource) => resource is { Group: "autoscaling", Kind: "HorizontalPodAutoscaler" } ? "v2" : resource.Version;
}
