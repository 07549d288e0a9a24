using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

/// <summary>Selectors inside objects: of labels and of nodes.</summary>
internal static class SelectorValidation
{
    private static readonly string[] NodeOperators = ["DoesNotExist", "Exists", "Gt", "In", "Lt", "NotIn"];

    public static void LabelSelector(JsonObject? selector, string path, FieldErrors errors)
    {
        if (selector is null)
        {
            return;
        }

        MetadataValidation.Labels(selector.Object("matchLabels"), $"{path}.matchLabels", errors);
        var index = 0;
        foreach (var expression in selector.Items("matchExpressions"))
        {
            LabelExpression(expression, $"{path}.matchExpressions[{index++}]", errors);
        }
    }

    public static void NodeSelector(JsonObject selector, string path, FieldErrors errors)
    {
        if (selector.List("nodeSelectorTerms") is not { Count: > 0 })
        {
            errors.Required($"{path}.nodeSelectorTerms", "must have at least one node selector term");
        }

        var index = 0;
        foreach (var term in selector.Items("nodeSelectorTerms"))
        {
            NodeSelectorTerm(term, $"{path}.nodeSelectorTerms[{index++}]", errors);
        }
    }

    /// <param name="checksValues">What is only preferred may name labels that no node can have.</param>
    public static void NodeSelectorTerm(JsonObject term, string path, FieldErrors errors, bool checksValues = true)
    {
        var index = 0;
        foreach (var expression in term.Items("matchExpressions"))
        {
            var at = $"{path}.matchExpressions[{index++}]";
            NodeExpression(expression, at, errors);
            errors.Check($"{at}.key", expression.Text("key") ?? "", ObjectNames.QualifiedName(expression.Text("key") ?? ""));
            foreach (var (place, value) in checksValues ? expression.Texts("values").Index() : []) { errors.Check($"{at}.values[{place}]", value, ObjectNames.LabelValue(value)); }
        }

        index = 0;
        foreach (var field in term.Items("matchFields"))
        {
            var at = $"{path}.matchFields[{index++}]";
            if (field.Text("operator") is not ("In" or "NotIn"))
            {
                errors.Invalid($"{at}.operator", field.Text("operator") ?? "", "not a valid selector operator");
            }
            else if (field.List("values") is not { Count: 1 })
            {
                errors.Required($"{at}.values", "must be only one value when `operator` is 'In' or 'NotIn' for node field selector");
            }

            if (field.Text("key") != "metadata.name")
            {
                errors.Invalid($"{at}.key", field.Text("key") ?? "", "not a valid field selector key");
                continue;
            }

            foreach (var (place, value) in field.Texts("values").Index()) { errors.Check($"{at}.values[{place}]", value, ObjectNames.Dns1123Subdomain(value)); }
        }
    }

    private static void LabelExpression(JsonObject expression, string path, FieldErrors errors)
    {
        var hasValues = expression.List("values") is { Count: > 0 };
        switch (expression.Text("operator"))
        {
            case "In" or "NotIn" when !hasValues:
                errors.Required($"{path}.values", "must be specified when `operator` is 'In' or 'NotIn'");
                break;
            case "Exists" or "DoesNotExist" when hasValues:
                errors.Forbidden($"{path}.values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
                break;
            case "In" or "NotIn" or "Exists" or "DoesNotExist":
                break;
            case var unknown:
                errors.Invalid($"{path}.operator", unknown ?? "", "not a valid selector operator");
                break;
        }

        errors.Check($"{path}.key", expression.Text("key") ?? "", ObjectNames.QualifiedName(expression.Text("key") ?? ""));
        var index = 0;
        foreach (var value in expression.Texts("values"))
        {
            errors.Check($"{path}.values[{index++}]", value, ObjectNames.LabelValue(value));
        }
    }

    private static void NodeExpression(JsonObject expression, string path, FieldErrors errors)
    {
        var values = expression.List("values")?.Count ?? 0;
        switch (expression.Text("operator"))
        {
            case "In" or "NotIn" when values == 0:
                errors.Required($"{path}.values", "must be specified when `operator` is 'In' or 'NotIn'");
                break;
            case "Exists" or "DoesNotExist" when values > 0:
                errors.Forbidden($"{path}.values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
                break;
            case "Gt" or "Lt" when values != 1:
                errors.Required($"{path}.values", "must be specified single value when `operator` is 'Lt' or 'Gt'");
                break;
            case var other when !NodeOperators.Contains(other, StringComparer.Ordinal):
                errors.Invalid($"{path}.operator", other ?? "", "not a valid selector operator");
                break;
        }
    }
}
