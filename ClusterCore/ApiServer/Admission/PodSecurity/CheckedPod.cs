using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Admission.PodSecurity;

/// <summary>A pod, or a template of one, as the checks look at it.</summary>
internal sealed class CheckedPod(JsonObject? metadata, JsonObject spec)
{
    private readonly JsonObject[] containers = [.. spec.Items("initContainers"), .. spec.Items("containers"), .. spec.Items("ephemeralContainers")];

    public JsonObject Spec => spec;

    public JsonObject? Annotations => metadata?.Object("annotations");

    public JsonObject? Security => spec.Object("securityContext");

    public bool IsWindows => spec.Object("os")?.Text("name") == "windows";

    /// <summary>Root in a user namespace of its own is nobody outside.</summary>
    public bool HasUserNamespace => spec.Flag("hostUsers") == false;

    public IReadOnlyList<JsonObject> Containers => containers;

    /// <summary>The names of the containers of which something is true.</summary>
    public string[] ContainersWhere(Func<JsonObject, bool> isBad) => [.. containers.Where(isBad).Select(container => container.Text("name") ?? "")];

    /// <summary>Who set something wrong in a security context: <c>pod and containers "a", "b"</c>; null when nobody did.</summary>
    public string? Setters(Func<JsonObject, bool> isBad)
    {
        var bad = ContainersWhere(container => container.Object("securityContext") is { } security && isBad(security));
        string[] setters =
        [
            .. Security is { } own && isBad(own) ? ["pod"] : (string[])[],
            .. bad.Length > 0 ? [Violation.Named("container", bad)] : (string[])[],
        ];
        return setters.Length == 0 ? null : string.Join(" and ", setters);
    }
}
