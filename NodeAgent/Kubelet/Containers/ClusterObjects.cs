using System.Text.Json;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Informers;
using Flotilla.ClusterCore.Client.Json;
using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.NodeAgent.Kubelet.Containers;

/// <summary>Read from the API when asked for; services from the node's informer.</summary>
internal sealed class ClusterObjects(ApiClient client, Informer<Service> services) : IClusterObjects
{
    public async Task<ConfigMap?> ConfigMapAsync(string ns, string name, CancellationToken cancellationToken) =>
        Found(await client.GetAsync(Kinds.ConfigMaps, ns, name, cancellationToken));

    public async Task<Secret?> SecretAsync(string ns, string name, CancellationToken cancellationToken) =>
        Found(await client.GetAsync(Kinds.Secrets, ns, name, cancellationToken));

    public async Task<IReadOnlyList<Service>> ServicesAsync(CancellationToken cancellationToken)
    {
        await services.WaitForSyncAsync(cancellationToken);
        return services.List();
    }

    public async Task<TokenRequestStatus> TokenAsync(Pod pod, string? audience, long expirationSeconds, CancellationToken cancellationToken)
    {
        var account = pod.Spec.ServiceAccountName is { Length: > 0 } name ? name : "default";
        var spec = new JsonObject
        {
            ["expirationSeconds"] = expirationSeconds,
            ["boundObjectRef"] = new JsonObject { ["kind"] = "Pod", ["apiVersion"] = "v1", ["name"] = pod.Metadata.Name, ["uid"] = pod.Metadata.Uid },
        };
        if (audience is { Length: > 0 })
        {
            spec["audiences"] = new JsonArray(audience);
        }

        var body = new JsonObject { ["apiVersion"] = "authentication.k8s.io/v1", ["kind"] = "TokenRequest", ["spec"] = spec };
        var answer = await client.RequestAsync(
            HttpMethod.Post, Kinds.ServiceAccounts.Path(pod.Metadata.Namespace, account, "token"), body, cancellationToken);
        if (answer.Failure is { } failure)
        {
            throw new ContainerConfigException($"failed to fetch token: {failure.Message}");
        }

        return answer.Value!.Deserialize(ObjectJson.Default.TokenRequest)?.Status ?? throw new ContainerConfigException("failed to fetch token: the answer has no status");
    }

    public async Task<PersistentVolume?> ClaimedVolumeAsync(string ns, string claimName, CancellationToken cancellationToken)
    {
        var claim = Found(await client.GetAsync(Kinds.PersistentVolumeClaims, ns, claimName, cancellationToken))
            ?? throw new ContainerConfigException($"persistentvolumeclaim \"{claimName}\" not found");
        return claim.Spec.VolumeName is { Length: > 0 } volume
            ? Found(await client.GetAsync(Kinds.PersistentVolumes, null, volume, cancellationToken))
            : null;
    }

    public async Task<string> RuntimeHandlerAsync(Pod pod, CancellationToken cancellationToken) => pod.Spec.RuntimeClassName is { Length: > 0 } name
        ? Found(await client.GetAsync(Kinds.RuntimeClasses, null, name, cancellationToken))?.Handler ?? throw new ContainerConfigException($"runtimeclass.node.k8s.io \"{name}\" not found")
        : "";

    private static T? Found<T>(ApiResult<T> result) where T : KubernetesObject =>
        result.Succeeded ? result.Value : result.IsNotFound ? null : throw new ContainerConfigException(result.Failure?.Message ?? "not readable");
}
