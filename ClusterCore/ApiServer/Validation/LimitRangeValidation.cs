using System.Globalization;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

/// <summary>Limits of a namespace: bounds and defaults that go together, resource by resource.</summary>
internal static class LimitRangeValidation
{
    /// <summary>Beyond this, thousandths are not counted.</summary>
    private const long MostMilli = long.MaxValue / 1000;

    public static void LimitRange(JsonObject range, FieldErrors errors)
    {
        var types = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (index, limit) in (range.Spec()?.Items("limits") ?? []).Index())
        {
            var (at, type) = ($"spec.limits[{index}]", limit.Text("type") ?? "");
            errors.Check($"{at}.type", type, TypeProblems(type));
            if (!types.Add(type)) { errors.Duplicate($"{at}.type", type); }
            Names(limit, type, at, errors);
            foreach (var name in Parts(type).SelectMany(part => (limit.Object(part) ?? []).Select(static member => member.Key)).Distinct(StringComparer.Ordinal).ToList())
            {
                Relations(limit, type, name, at, errors);
            }
        }
    }

    private static IReadOnlyList<string> TypeProblems(string type) => ObjectNames.QualifiedName(type) is { Count: > 0 } wrong ? wrong
        : type.Contains('/') || type is "Pod" or "Container" or "PersistentVolumeClaim" ? [] : ["must be a standard limit type or fully qualified"];

    /// <summary>Pods have no defaults: their containers do.</summary>
    private static string[] Parts(string type) => type == "Pod" ? ["max", "min", "maxLimitRequestRatio"] : ["max", "min", "default", "defaultRequest", "maxLimitRequestRatio"];

    private static void Names(JsonObject limit, string type, string path, FieldErrors errors)
    {
        foreach (var part in (ReadOnlySpan<string>)["max", "min", "default", "defaultRequest", "maxLimitRequestRatio"])
        {
            if (part == "maxLimitRequestRatio" && type == "PersistentVolumeClaim" && limit.Object("min")?["storage"] is null && limit.Object("max")?["storage"] is null)
            {
                errors.Required($"{path}.limits", "either minimum or maximum storage value is required, but neither was provided");
            }

            if (type == "Pod" && part is "default" or "defaultRequest")
            {
                if (limit.Object(part) is { Count: > 0 }) { errors.Forbidden($"{path}.{part}", "may not be specified when `type` is 'Pod'"); }
                continue;
            }

            foreach (var (name, _) in limit.Object(part) ?? []) { ResourceValidation.Name(name, type is "Pod" or "Container", $"{path}.{part}[{name}]", errors); }
        }
    }

    private static void Relations(JsonObject limit, string type, string name, string path, FieldErrors errors)
    {
        var (min, max, ratio) = (Of("min"), Of("max"), Of("maxLimitRequestRatio"));
        var (given, request) = type == "Pod" ? (null, null) : (Of("default"), Of("defaultRequest"));
        Ordered(min, max, "min", min, "min value {0} is greater than max value {1}");
        Ordered(min, request, "defaultRequest", request, "min value {0} is greater than default request value {1}");
        Ordered(request, max, "defaultRequest", request, "default request value {0} is greater than max value {1}");
        Ordered(request, given, "defaultRequest", request, "default request value {0} is greater than default limit value {1}");
        Ordered(min, given, "default", min, "min value {0} is greater than default value {1}");
        Ordered(given, max, "default", max, "default value {0} is greater than max value {1}");
        if (ratio is { } most)
        {
            if (most < Quantity.FromInteger(1)) { errors.Invalid($"{path}.maxLimitRequestRatio[{name}]", most.ToString(), $"ratio {most} is less than 1"); }
            if (min is { } low && max is { } high) { Ratio(most, low, high, $"{path}.maxLimitRequestRatio[{name}]", errors); }
        }

        if (!ResourceValidation.IsOvercommitAllowed(name) && given is { } limits && request is { } requests && limits != requests)
        {
            errors.Invalid($"{path}.defaultRequest[{name}]", requests.ToString(), $"default value {limits} must equal to defaultRequest value {requests} in {name}");
        }

        Quantity? Of(string part) => Quantity.TryParse(limit.Object(part)?[name]?.ToString(), out var value) ? value : null;

        void Ordered(Quantity? less, Quantity? more, string field, Quantity? shown, string message)
        {
            if (less > more) { errors.Invalid($"{path}.{field}[{name}]", shown.ToString(), string.Format(CultureInfo.InvariantCulture, message, less, more)); }
        }
    }

    private static void Ratio(Quantity ratio, Quantity min, Quantity max, string path, FieldErrors errors)
    {
        var isSmall = ratio.Value < MostMilli && min.Value < MostMilli && max.Value < MostMilli;
        var most = isSmall ? (double)max.MilliValue / min.MilliValue : (double)max.Value / min.Value;
        if ((isSmall ? ratio.MilliValue / 1000.0 : ratio.Value) > most)
        {
            errors.Invalid(path, ratio.ToString(), $"ratio {ratio} is greater than max/min = {most.ToString("F6", CultureInfo.InvariantCulture)}");
        }
    }
}
