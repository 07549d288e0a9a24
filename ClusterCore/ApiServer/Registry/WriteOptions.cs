using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Pipeline;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Registry;

/// <summary>What the query of a write may say beside what is written: refused before the body is looked at.</summary>
internal static class WriteOptions
{
    private const int LongestManager = 128;

    public static void Check(ApiRequest request)
    {
        var kind = request.Info.Verb switch { "create" => "CreateOptions", "update" => "UpdateOptions", "patch" => "PatchOptions", _ => null };
        if (kind is null) { return; }
        var errors = new List<FieldError>();
        if (kind == "PatchOptions") { Patch(request, errors); }
        Manager(request.Query("fieldManager"), errors);
        DryRun(request.Queries("dryRun"), errors);
        if (request.Query("fieldValidation") is not ("" or "Ignore" or "Strict" or "Warn") and var validation)
        {
            errors.Add(FieldError.NotSupported("fieldValidation", validation, ["", "Ignore", "Strict", "Warn"]));
        }

        Throw(kind, errors);
    }

    public static void DryRun(IReadOnlyList<string> values, List<FieldError> errors)
    {
        if (values.All(static value => value == "All")) { return; }
        errors.Add(FieldError.NotSupported("dryRun", new JsonArray([.. values.Select(static value => (JsonNode)value)]), ["All"]));
    }

    public static void Throw(string kind, IReadOnlyCollection<FieldError> errors)
    {
        if (errors.Count == 0) { return; }
        throw Refusal.Invalid("meta.k8s.io", kind, "", [.. errors.Select(static error => new StatusCause(error.Reason, error.Body, error.Field))]);
    }

    private static void Patch(ApiRequest request, List<FieldError> errors)
    {
        if (!Patcher.IsApply(request))
        {
            if (request.Queries("force").Count > 0) { errors.Add(FieldError.Forbidden("force", "may not be specified for non-apply patch")); }
        }
        else if (request.Query("fieldManager").Length == 0)
        {
            errors.Add(FieldError.Required("fieldManager", "is required for apply patch"));
        }
    }

    private static void Manager(string manager, List<FieldError> errors)
    {
        if (System.Text.Encoding.UTF8.GetByteCount(manager) > LongestManager) { errors.Add(FieldError.TooLong("fieldManager", LongestManager)); }
        var position = 0;
        foreach (var rune in manager.EnumerateRunes())
        {
            if (!IsPrinted(rune)) { errors.Add(FieldError.Invalid("fieldManager", manager, $"invalid character U+{rune.Value:X4} (at position {position})")); }
            position += rune.Utf8SequenceLength;
        }
    }

    /// <summary>As Go's unicode.IsPrint: of all spaces only the plain one.</summary>
    private static bool IsPrinted(Rune rune) => rune.Value == ' ' || Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator);
}
