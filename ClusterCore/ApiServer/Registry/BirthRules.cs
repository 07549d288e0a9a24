using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Authentication;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Registry;

/// <summary>What the server itself writes into new objects of certain kinds.</summary>
internal static class BirthRules
{
    private const string ControllerUid = "batch.kubernetes.io/controller-uid";

    public static void Apply(Scope scope, JsonObject obj)
    {
        switch (KindRules.Id(scope.Resource))
        {
            case "/Pod": AppArmorProfiles.Take(scope.Request, obj); break;
            case "batch/Job": SelectOwnPods(obj); break;
            case "certificates.k8s.io/CertificateSigningRequest": SignAs(scope.Request.User, obj); break;
        }
    }

    /// <summary>A job's pods are told from all others by its uid, unless it brings a selector of its own.</summary>
    private static void SelectOwnPods(JsonObject job)
    {
        if (job["spec"] is not JsonObject spec || spec["manualSelector"]?.GetValue<bool>() == true) { return; }
        var (name, uid) = (ObjectMeta.Name(job), ObjectMeta.Uid(job));
        var labels = spec.Ensure("template").Ensure("metadata").Ensure("labels");
        foreach (var (label, value) in (ReadOnlySpan<(string, string)>)
            [(ControllerUid, uid), ("controller-uid", uid), ("batch.kubernetes.io/job-name", name), ("job-name", name)])
        {
            labels[label] ??= value;
        }

        spec.Ensure("selector").Ensure("matchLabels")[ControllerUid] ??= uid;
        // The default of a job without labels of its own is those of its pods, these included.
        var metadata = ObjectMeta.Of(job);
        if (metadata["labels"] is not JsonObject { Count: > 0 }) { metadata["labels"] = labels.DeepClone(); }
    }

    /// <summary>Who asks for a certificate is who made the request, whatever the body says.</summary>
    private static void SignAs(UserInfo user, JsonObject request)
    {
        var spec = request.Ensure("spec");
        spec["username"] = user.Name;
        spec["groups"] = new JsonArray([.. user.Groups.Select(group => (JsonNode)group)]);
        foreach (var name in (string[])["uid", "extra"]) { spec.Remove(name); }
        if (user.Uid.Length > 0) { spec["uid"] = user.Uid; }
        foreach (var (key, values) in user.Extra) { spec.Ensure("extra")[key] = new JsonArray([.. values.Select(value => (JsonNode)value)]); }
    }
}
