using System.Text;

namespace Flotilla.ClusterCore.Resources;

/// <summary>All terms must hold; a field that is not there counts as the empty text.</summary>
public sealed class FieldSelector(IReadOnlyList<FieldTerm> terms)
{
    public static readonly FieldSelector Everything = new([]);

    public IReadOnlyList<FieldTerm> Terms => terms;

    public bool IsEmpty => terms.Count == 0;

    /// <summary>Parses <c>metadata.name=a,status.phase!=Running</c>; backslash escapes comma, equals sign and itself in a value.</summary>
    public static bool TryParse(string? text, out FieldSelector selector, out string? error)
    {
        (selector, error) = (Everything, null);
        var terms = new List<FieldTerm>();
        foreach (var part in SplitTerms(text ?? ""))
        {
            if (part.Length == 0)
            {
                continue;
            }

            if (SplitTerm(part) is not var (field, isEqual, escaped))
            {
                error = $"invalid selector: '{text}'; can't understand '{part}'";
                return false;
            }

            if (Unescape(escaped, out error) is not { } value)
            {
                return false;
            }

            terms.Add(new(field, isEqual, value));
        }

        selector = terms.Count == 0 ? Everything : new FieldSelector(terms);
        return true;
    }

    /// <param name="valueOf">The value of a field by its name; null where the object has none.</param>
    public bool Matches(Func<string, string?> valueOf)
    {
        foreach (var term in terms)
        {
            if (!term.Matches(valueOf(term.Field)))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The one value a field must have, if the selector says so: metadata.name=x needs no list.</summary>
    public string? RequiresExactMatch(string field) => terms.FirstOrDefault(term => term.IsEqual && term.Field == field)?.Value;

    public override string ToString() => string.Join(',', terms);

    private static List<string> SplitTerms(string text)
    {
        var parts = new List<string>();
        var start = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\')
            {
                i++;
            }
            else if (text[i] == ',')
            {
                parts.Add(text[start..i]);
                start = i + 1;
            }
        }

        parts.Add(text[start..]);
        return parts;
    }

    private static (string Field, bool IsEqual, string Value)? SplitTerm(string term)
    {
        for (var i = 0; i < term.Length; i++)
        {
            var rest = term.AsSpan(i);
            var length = rest.StartsWith("!=") || rest.StartsWith("==") ? 2 : rest.StartsWith("=") ? 1 : 0;
            if (length > 0)
            {
                return (term[..i], rest[0] == '=', term[(i + length)..]);
            }
        }

        return null;
    }

    private static string? Unescape(string text, out string? error)
    {
        error = null;
        if (!text.AsSpan().ContainsAny("\\,="))
        {
            return text;
        }

        var value = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] is ',' or '=')
            {
                error = $"invalid field selector: unescaped character in value: {text[i]}";
                return null;
            }

            if (text[i] == '\\' && (++i == text.Length || text[i] is not ('\\' or ',' or '=')))
            {
                error = $"invalid field selector: invalid escape sequence: {text[(i - 1)..Math.Min(i + 1, text.Length)]}";
                return null;
            }

            value.Append(text[i]);
        }

        return value.ToString();
    }
}

/// <param name="IsEqual">False: must not have the value.</param>
public sealed record FieldTerm(string Field, bool IsEqual, string Value)
{
    public bool Matches(string? actual) => string.Equals(actual ?? "", Value, StringComparison.Ordinal) == IsEqual;

    public override string ToString() =>
        $"{Field}{(IsEqual ? "=" : "!=")}{Value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace(",", "\\,", StringComparison.Ordinal).Replace("=", "\\=", StringComparison.Ordinal)}";
}
