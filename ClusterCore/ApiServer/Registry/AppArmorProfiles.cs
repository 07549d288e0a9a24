using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Pipeline;
using Flotilla.ClusterCore.ApiServer.Validation;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Registry;

/// <summary>AppArmor's profiles were annotations of a pod, one for each container, before they were fields: nodes read the fields alone.</summary>
internal static class AppArmorProfiles
{
    public const string Annotation = "container.apparmor.security.beta.kubernetes.io/";
    public const string Deprecated = "deprecated since v1.30; use the \"appArmorProfile\" field instead";
    private const string Local = "localhost/";

    /// <summary>Makes fields of a new pod's annotations, where it has no such fields, and says that they are out of date.</summary>
    public static void Take(ApiRequest request, JsonObject pod)
    {
        if (pod.Metadata()?.Object("annotations") is not { } annotations || pod.Spec() is not { } spec || spec.Object("os")?.Text("name") == "windows") { return; }
        foreach (var (container, _) in PodSecurityValidation.Containers(spec, "spec"))
        {
            var key = Annotation + container.Text("name");
            if (annotations.Text(key) is not { } annotation || container.Object("securityContext")?.Object("appArmorProfile") is not null) { continue; }
            var profile = Of(annotation);
            if (profile is not null)
            {
                if (JsonNode.DeepEquals(profile, spec.Object("securityContext")?.Object("appArmorProfile"))) { continue; }
                container.Ensure("securityContext")["appArmorProfile"] = profile;
            }

            request.Warn($"metadata.annotations[{key}]: {Deprecated}");
        }
    }

    private static JsonObject? Of(string annotation) => annotation switch
    {
        "unconfined" => new() { ["type"] = "Unconfined" },
        "runtime/default" => new() { ["type"] = "RuntimeDefault" },
        _ when annotation.StartsWith(Local, StringComparison.Ordinal) && annotation.Length > Local.Length =>
            new() { ["type"] = "Localhost", ["localhostProfile"] = annotation[Local.Length..] },
        _ => null,
    };
}
