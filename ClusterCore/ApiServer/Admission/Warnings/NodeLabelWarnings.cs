using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Admission.Warnings;

/// <summary>Labels of nodes that have other names now.</summary>
internal static class NodeLabelWarnings
{
    private static readonly Dictionary<string, string> old = new(StringComparer.Ordinal)
    {
        ["beta.kubernetes.io/arch"] = "deprecated since v1.14; use \"kubernetes.io/arch\" instead",
        ["beta.kubernetes.io/os"] = "deprecated since v1.14; use \"kubernetes.io/os\" instead",
        ["failure-domain.beta.kubernetes.io/region"] = "deprecated since v1.17; use \"topology.kubernetes.io/region\" instead",
        ["failure-domain.beta.kubernetes.io/zone"] = "deprecated since v1.17; use \"topology.kubernetes.io/zone\" instead",
        ["beta.kubernetes.io/instance-type"] = "deprecated since v1.17; use \"node.kubernetes.io/instance-type\" instead",
        ["app.kubernetes.io/created-by"] = "deprecated since v1.9",
        ["scheduler.alpha.kubernetes.io/preferAvoidPods"] = "deprecated since v1.22; use Taints and Tolerations instead",
        ["node-role.kubernetes.io/master"] = "use \"node-role.kubernetes.io/control-plane\" instead",
    };

    public static bool IsOld(string label) => old.ContainsKey(label);

    /// <summary>What to use in place of a label that <see cref="IsOld"/>.</summary>
    public static string Of(string label) => old[label];

    public static IEnumerable<string> OfTerm(JsonObject term, string at) =>
        term.Items("matchExpressions").Index().Where(static one => IsOld(one.Item.Text("key") ?? ""))
            .Select(one => $"{at}.matchExpressions[{one.Index}].key: {one.Item.Text("key")} is {Of(one.Item.Text("key")!)}");
}
