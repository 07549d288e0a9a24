using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation.Definitions;

internal enum ApprovalState { Missing, Invalid, Approved, Bypassed }

/// <summary>Groups of the Kubernetes community are not for everybody: their definitions say who approved them.</summary>
internal static class ApiApproval
{
    public const string Annotation = "api-approved.kubernetes.io";

    public static bool IsProtected(string group) => group is "k8s.io" or "kubernetes.io"
        || group.EndsWith(".k8s.io", StringComparison.Ordinal) || group.EndsWith(".kubernetes.io", StringComparison.Ordinal);

    public static (ApprovalState State, string Reason) Of(JsonObject definition)
    {
        const string see = "see https://github.com/kubernetes/enhancements/pull/1111";
        var annotation = definition.Metadata()?.Object("annotations")?.Text(Annotation) ?? "";
        if (annotation.Length == 0) { return (ApprovalState.Missing, $"protected groups must have approval annotation \"{Annotation}\", {see}"); }
        if (annotation.StartsWith("unapproved", StringComparison.Ordinal)) { return (ApprovalState.Bypassed, $"not approved: {FieldError.Quote(annotation)}"); }
        return Uri.TryCreate(annotation, UriKind.Absolute, out var url) && url.Host.Length > 0
            ? (ApprovalState.Approved, $"approved in {annotation}")
            : (ApprovalState.Invalid, $"protected groups must have approval annotation \"{Annotation}\" with either a URL or a reason starting with \"unapproved\", {see}");
    }

    /// <summary>Who changes something else need not mend the annotation.</summary>
    public static void Check(JsonObject definition, JsonObject? old, FieldErrors errors)
    {
        var (state, reason) = Of(definition);
        if (!IsProtected(definition.Spec()?.Text("group") ?? "") || (old is not null && Of(old).State == state)) { return; }
        var path = $"metadata.annotations[{Annotation}]";
        if (state == ApprovalState.Missing) { errors.Required(path, reason); }
        if (state == ApprovalState.Invalid) { errors.Invalid(path, definition.Metadata()!.Object("annotations")!.Text(Annotation), reason); }
    }
}
