using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Controllers.ServiceDiscovery;

/// <summary>Whose slice it is, and the service's own labels on it.</summary>
internal static class SliceMetadata
{
    public const string Manager = "endpointslice-controller.k8s.io";
    private const string Headless = "service.kubernetes.io/headless";

    public static ObjectMeta Of(Service service) => new()
    {
        GenerateName = service.Metadata.Name + "-",
        Namespace = service.Metadata.Namespace,
        Labels = LabelsOf(service),
        OwnerReferences =
        [
            new()
            {
                ApiVersion = "v1",
                Kind = "Service",
                Name = service.Metadata.Name,
                Uid = service.Metadata.Uid ?? "",
                Controller = true,
                BlockOwnerDeletion = true,
            },
        ],
    };

    public static bool IsUpToDate(Service service, EndpointSlice slice)
    {
        var wanted = LabelsOf(service);
        return slice.Metadata.Labels is { } labels && labels.Count == wanted.Count
            && wanted.All(label => labels.GetValueOrDefault(label.Key) == label.Value);
    }

    private static Dictionary<string, string> LabelsOf(Service service)
    {
        var labels = new Dictionary<string, string>(service.Metadata.Labels ?? new Dictionary<string, string>(), StringComparer.Ordinal);
        labels.Remove(Headless);
        labels[Labels.ServiceName] = service.Metadata.Name;
        labels[Labels.ManagedBy] = Manager;
        if (service.Spec.ClusterIP == "None")
        {
            labels[Headless] = "";
        }
        return labels;
    }
}
