using Flotilla.ClusterCore.ApiServer.CustomResources;
using Flotilla.ClusterCore.ApiServer.ResourceMetrics;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Registry;

/// <summary>Every resource this server answers for: the catalog's, figures of nodes and pods, and those of custom resource definitions.</summary>
internal sealed class ServedResources(ApiCatalog catalog)
{
    private volatile IReadOnlyDictionary<(string Group, string Version, string Plural), CustomResource> custom =
        new Dictionary<(string, string, string), CustomResource>();

    /// <summary>Changes whenever <see cref="All"/> does.</summary>
    public int Generation { get; private set; }

    public IEnumerable<ResourceInfo> All => catalog.Resources.Concat(MetricsResources.All).Concat(custom.Values.Select(one => one.Info));

    public IEnumerable<CustomResource> Custom => custom.Values;

    public CustomResource? CustomOf(ResourceInfo resource) => custom.GetValueOrDefault((resource.Group, resource.Version, resource.Plural));

    public ResourceInfo? Find(string group, string version, string plural) =>
        catalog.Resource(group, version, plural) ?? MetricsResources.Find(group, version, plural) ?? custom.GetValueOrDefault((group, version, plural))?.Info;

    public ResourceInfo? OfKind(string group, string kind) => All.FirstOrDefault(resource => resource.Group == group && resource.Kind == kind);

    /// <summary>The other versions, and groups, that show the same objects as this resource.</summary>
    public IEnumerable<ResourceInfo> EquivalentsOf(ResourceInfo resource) =>
        All.Where(other => other != resource && StorageOf(other) == StorageOf(resource));

    public void ReplaceCustom(IEnumerable<CustomResource> resources)
    {
        custom = resources.ToDictionary(resource => (resource.Info.Group, resource.Info.Version, resource.Info.Plural));
        Generation++;
    }

    /// <summary>Where objects are stored: two APIs may show the same objects (events of core and of events.k8s.io).</summary>
    public static GroupResource StorageOf(ResourceInfo resource) =>
        resource is { Group: "events.k8s.io", Plural: "events" } ? new("", "events") : new(resource.Group, resource.Plural);
}
