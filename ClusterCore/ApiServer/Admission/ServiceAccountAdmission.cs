using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Cache;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.ApiServer.Statuses;

namespace Flotilla.ClusterCore.ApiServer.Admission;

/// <summary>Every pod runs as a service account, and finds its token, the cluster's CA and its namespace in a mounted volume.</summary>
internal sealed class ServiceAccountAdmission(WatchFeed feed, ObjectStore objects) : IAdmissionPlugin
{
    private const string MountPath = "/var/run/secrets/kubernetes.io/serviceaccount";
    private const string VolumePrefix = "kube-api-access-";
    private const int TokenSeconds = 3607;
    private const string MirrorAnnotation = "kubernetes.io/config.mirror";
    private static readonly GroupResource accounts = new("", "serviceaccounts");

    public async ValueTask MutateAsync(AdmissionRequest request)
    {
        if (request.Operation != Operation.Create || !request.Is("", "Pod") || request.Object!["spec"] is not JsonObject spec) { return; }
        if (request.Object["metadata"]?["annotations"]?[MirrorAnnotation] is not null)
        {
            CheckMirror(request, spec);
            return;
        }

        if (ObjectMeta.Text(spec, "serviceAccountName").Length == 0) { spec["serviceAccountName"] = ObjectMeta.Text(spec, "serviceAccount") is { Length: > 0 } old ? old : "default"; }
        var name = ObjectMeta.Text(spec, "serviceAccountName");
        spec["serviceAccount"] = name;
        var account = await FindAsync(request, name);
        if (spec["imagePullSecrets"] is not JsonArray { Count: > 0 } && account["imagePullSecrets"] is JsonArray { Count: > 0 } secrets)
        {
            spec["imagePullSecrets"] = secrets.DeepClone();
        }

        if (WantsToken(spec, account)) { MountToken(spec); }
    }

    /// <summary>A static pod shown by its kubelet: it would read secrets that nobody gave it.</summary>
    private static void CheckMirror(AdmissionRequest request, JsonObject spec)
    {
        var hasSecret = (spec["volumes"] as JsonArray ?? []).Any(volume => volume?["secret"] is not null);
        var hasToken = (spec["volumes"] as JsonArray ?? []).SelectMany(volume => volume?["projected"]?["sources"] as JsonArray ?? [])
            .Any(source => source?["serviceAccountToken"] is not null);
        var wrong = ObjectMeta.Text(spec, "serviceAccountName").Length > 0 ? "a mirror pod may not reference service accounts"
            : hasSecret ? "a mirror pod may not reference secrets"
            : hasToken ? "a mirror pod may not use ServiceAccountToken volume projections"
            : null;
        if (wrong is not null) { throw Refusal.Forbidden(request.Scope.GroupResource, request.Name, wrong); }
    }

    private async ValueTask<JsonObject> FindAsync(AdmissionRequest request, string name)
    {
        if (feed.Of(accounts).Find(request.Namespace, name) is { } entry) { return entry.Parse(); }
        var stored = await objects.GetAsync(new(accounts, request.Namespace, name), request.Scope.Aborted);
        return stored?.Parse() ?? throw Refusal.Forbidden(request.Scope.GroupResource, ObjectMeta.Name(request.Object!),
            $"error looking up service account {request.Namespace}/{name}: serviceaccount \"{name}\" not found");
    }

    private static bool WantsToken(JsonObject spec, JsonObject account) =>
        (spec["automountServiceAccountToken"] ?? account["automountServiceAccountToken"])?.GetValue<bool>() ?? true;

    private static void MountToken(JsonObject spec)
    {
        var unmounted = Containers(spec).Where(container => !IsMounted(container)).ToArray();
        if (unmounted.Length == 0) { return; }
        if (spec["volumes"] is not JsonArray volumes) { spec["volumes"] = volumes = []; }
        var volume = Names.Generate(VolumePrefix);
        foreach (var container in unmounted)
        {
            if (container["volumeMounts"] is not JsonArray mounts) { container["volumeMounts"] = mounts = []; }
            mounts.Add((JsonNode)new JsonObject { ["name"] = volume, ["readOnly"] = true, ["mountPath"] = MountPath });
        }

        volumes.Add((JsonNode)TokenVolume(volume));
    }

    private static IEnumerable<JsonObject> Containers(JsonObject spec) =>
        ((string[])["initContainers", "containers"]).SelectMany(list => spec[list] as JsonArray ?? []).OfType<JsonObject>();

    private static bool IsMounted(JsonObject container) =>
        (container["volumeMounts"] as JsonArray ?? []).Any(mount => ObjectMeta.Text(mount, "mountPath") == MountPath);

    private static JsonObject TokenVolume(string name) => new()
    {
        ["name"] = name,
        ["projected"] = new JsonObject
        {
            ["sources"] = new JsonArray(
                new JsonObject { ["serviceAccountToken"] = new JsonObject { ["expirationSeconds"] = TokenSeconds, ["path"] = "token" } },
                new JsonObject
                {
                    ["configMap"] = new JsonObject
                    {
                        ["name"] = "kube-root-ca.crt",
                        ["items"] = new JsonArray(new JsonObject { ["key"] = "ca.crt", ["path"] = "ca.crt" }),
                    },
                },
                new JsonObject
                {
                    ["downwardAPI"] = new JsonObject
                    {
                        ["items"] = new JsonArray(new JsonObject
                        {
                            ["path"] = "namespace",
                            ["fieldRef"] = new JsonObject { ["apiVersion"] = "v1", ["fieldPath"] = "metadata.namespace" },
                        }),
                    },
                }),
            ["defaultMode"] = 420,
        },
    };
}
