using System.Text;

namespace Flotilla.ClusterCore.ApiServer.Nodes;

/// <summary>
/// Changes the links of an HTML page and nothing else: tags are looked for as HTML's tokenizer does (WHATWG HTML §13.2.5), what is
/// in comments, scripts and style sheets is left alone.
/// </summary>
internal static class HtmlLinks
{
    /// <summary>Elements and their attributes that hold a URL (HTML 4.01's index of attributes, and HTML's own).</summary>
    private static readonly Dictionary<string, string[]> attributes = new(StringComparer.OrdinalIgnoreCase)
    {
        ["a"] = ["href"],
        ["applet"] = ["codebase"],
        ["area"] = ["href"],
        ["audio"] = ["src"],
        ["base"] = ["href"],
        ["blockquote"] = ["cite"],
        ["body"] = ["background"],
        ["button"] = ["formaction"],
        ["command"] = ["icon"],
        ["del"] = ["cite"],
        ["embed"] = ["src"],
        ["form"] = ["action"],
        ["frame"] = ["longdesc", "src"],
        ["head"] = ["profile"],
        ["html"] = ["manifest"],
        ["iframe"] = ["longdesc", "src"],
        ["img"] = ["longdesc", "src", "usemap"],
        ["input"] = ["src", "usemap", "formaction"],
        ["ins"] = ["cite"],
        ["link"] = ["href"],
        ["object"] = ["classid", "codebase", "data", "usemap"],
        ["q"] = ["cite"],
        ["script"] = ["src"],
        ["source"] = ["src"],
        ["video"] = ["poster", "src"],
    };

    /// <summary>Elements whose content is text up to their own end tag.</summary>
    private static readonly string[] raw = ["script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes"];

    public static string Rewrite(string page, Func<string, string> rewrite)
    {
        var (output, copied, at) = (new StringBuilder(page.Length + 256), 0, 0);
        while ((at = page.IndexOf('<', at)) >= 0)
        {
            if (page.AsSpan(at).StartsWith("<!--", StringComparison.Ordinal)) { at = After(page, "-->", at + 4); }
            else if (at + 1 < page.Length && char.IsAsciiLetter(page[at + 1])) { at = Tag(page, at + 1, output, ref copied, rewrite); }
            else { at++; }
        }

        return output.Append(page, copied, page.Length - copied).ToString();
    }

    /// <returns>Where to go on: behind the tag, or behind what only its end tag ends.</returns>
    private static int Tag(string page, int start, StringBuilder output, ref int copied, Func<string, string> rewrite)
    {
        var at = SkipTo(page, start, static one => IsSpace(one) || one is '/' or '>');
        var name = page[start..at];
        var links = attributes.GetValueOrDefault(name);
        while (at < page.Length && page[at] != '>')
        {
            if (IsSpace(page[at]) || page[at] == '/') { at++; continue; }
            var (attribute, value, next) = Attribute(page, at);
            at = next;
            if (links is null || value.Start.Equals(value.End) || !links.Contains(page[attribute], StringComparer.OrdinalIgnoreCase)) { continue; }
            output.Append(page, copied, value.Start.Value - copied).Append(rewrite(page[value]));
            copied = value.End.Value;
        }

        return raw.Contains(name, StringComparer.OrdinalIgnoreCase) ? Before(page, $"</{name}", at) : Math.Min(at + 1, page.Length);
    }

    /// <summary>A name, and its value without quotes; empty when it has none.</summary>
    private static (Range Name, Range Value, int Next) Attribute(string page, int start)
    {
        var end = SkipTo(page, start + 1, static one => IsSpace(one) || one is '/' or '>' or '=');
        var equals = SkipTo(page, end, static one => !IsSpace(one));
        if (equals >= page.Length || page[equals] != '=') { return (start..end, end..end, end); }
        var at = SkipTo(page, equals + 1, static one => !IsSpace(one));
        if (at < page.Length && page[at] is '"' or '\'')
        {
            var close = page.IndexOf(page[at], at + 1);
            return close < 0 ? (start..end, end..end, page.Length) : (start..end, (at + 1)..close, close + 1);
        }

        var last = SkipTo(page, at, static one => IsSpace(one) || one == '>');
        return (start..end, at..last, last);
    }

    private static int SkipTo(string page, int at, Func<char, bool> isThere)
    {
        while (at < page.Length && !isThere(page[at])) { at++; }
        return at;
    }

    private static bool IsSpace(char one) => one is ' ' or '\t' or '\n' or '\r' or '\f';

    private static int Before(string page, string text, int from)
    {
        var at = page.IndexOf(text, from, StringComparison.OrdinalIgnoreCase);
        return at < 0 ? page.Length : at;
    }

    private static int After(string page, string text, int from)
    {
        var at = from > page.Length ? -1 : page.IndexOf(text, from, StringComparison.Ordinal);
        return at < 0 ? page.Length : at + text.Length;
    }
}
