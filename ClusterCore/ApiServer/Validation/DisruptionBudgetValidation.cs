using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

internal static class DisruptionBudgetValidation
{
    public static void Budget(JsonObject budget, FieldErrors errors)
    {
        var spec = budget.Spec() ?? [];
        if (spec["minAvailable"] is not null && spec["maxUnavailable"] is not null)
        {
            errors.Invalid("spec", Shown(spec), "minAvailable and maxUnavailable cannot be both set");
        }

        foreach (var field in (ReadOnlySpan<string>)["minAvailable", "maxUnavailable"])
        {
            if (spec[field] is not null)
            {
                Rules.CountOrPercent(spec, field, "spec", errors);
                Rules.NotMoreThanAll(spec, field, "spec", errors);
            }
        }

        SelectorValidation.LabelSelector(spec.Object("selector"), "spec.selector", errors);
        Rules.OneOf(spec, "unhealthyPodEvictionPolicy", "spec", errors, "AlwaysAllow", "IfHealthyBudget");
    }

    /// <summary>As upstream's types write it.</summary>
    private static JsonObject Shown(JsonObject spec) => new()
    {
        ["MinAvailable"] = spec["minAvailable"]?.DeepClone(),
        ["Selector"] = spec["selector"]?.DeepClone(),
        ["MaxUnavailable"] = spec["maxUnavailable"]?.DeepClone(),
        ["UnhealthyPodEvictionPolicy"] = spec["unhealthyPodEvictionPolicy"]?.DeepClone(),
    };
}
