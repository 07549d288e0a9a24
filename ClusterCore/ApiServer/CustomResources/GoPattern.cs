using System.Collections.Concurrent;
using System.Text;
using System.Text.RegularExpressions;

namespace Flotilla.ClusterCore.ApiServer.CustomResources;

/// <summary>
/// Patterns of definitions are written for Go's engine, which is linear in time. .NET's own linear engine takes nearly the same
/// language; what it spells or means differently is rewritten: <c>^\d+$</c> is <c>^[0-9]+\z</c> here, as Go knows no other
/// digits and no newline at an end.
/// </summary>
internal static class GoPattern
{
    /// <summary>A pattern is the definition's author's: it may not cost more than this.</summary>
    private static readonly TimeSpan limit = TimeSpan.FromMilliseconds(100);
    private static readonly ConcurrentDictionary<string, Regex> compiled = new(StringComparer.Ordinal);

    private static readonly Dictionary<string, string> classes = new(StringComparer.Ordinal)
    {
        ["alnum"] = "0-9A-Za-z",
        ["alpha"] = "A-Za-z",
        ["ascii"] = "\\x00-\\x7F",
        ["blank"] = "\\t ",
        ["cntrl"] = "\\x00-\\x1F\\x7F",
        ["digit"] = "0-9",
        ["graph"] = "!-~",
        ["lower"] = "a-z",
        ["print"] = " -~",
        ["punct"] = "!-/:-@\\[-`{-~",
        ["space"] = "\\t\\n\\v\\f\\r ",
        ["upper"] = "A-Z",
        ["word"] = "0-9A-Za-z_",
        ["xdigit"] = "0-9A-Fa-f",
    };

    public static bool Matches(string pattern, string text)
    {
        try
        {
            return Compile(pattern).IsMatch(text);
        }
        catch (Exception exception) when (exception is NotSupportedException or ArgumentException or RegexMatchTimeoutException)
        {
            return false;
        }
    }

    /// <summary>What is wrong with a pattern; null when it can be matched in linear time.</summary>
    public static string? Wrong(string pattern)
    {
        try
        {
            _ = Compile(pattern);
            return null;
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            return exception.Message;
        }
    }

    private static Regex Compile(string pattern)
    {
        if (compiled.TryGetValue(pattern, out var known)) { return known; }
        var made = new Regex(Translate(pattern), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, limit);
        // Definitions come and go; what is still in use is made again soon enough.
        if (compiled.Count >= 2_000) { compiled.Clear(); }
        return compiled[pattern] = made;
    }

    internal static string Translate(string pattern)
    {
        var result = new StringBuilder(pattern.Length + 16);
        var isMultiline = Regex.IsMatch(pattern, @"\(\?[a-zA-Z]*m", RegexOptions.NonBacktracking);
        for (var i = 0; i < pattern.Length; i++)
        {
            i = pattern[i] switch
            {
                '\\' => Escape(pattern, i, result, inClass: false),
                '[' => Class(pattern, i, result),
                '(' when pattern.AsSpan(i).StartsWith("(?P<") => Add(result, "(?<", i + 3),
                '$' when !isMultiline => Add(result, "\\z", i),
                var other => Add(result, other.ToString(), i),
            };
        }

        return result.ToString();
    }

    private static int Add(StringBuilder result, string text, int last)
    {
        result.Append(text);
        return last;
    }

    /// <returns>The index of the escape's last character.</returns>
    private static int Escape(string pattern, int at, StringBuilder result, bool inClass)
    {
        if (at + 1 == pattern.Length) { return Add(result, "\\", at); }
        var next = pattern[at + 1];
        if (next is 'd' or 's' or 'w')
        {
            var set = next switch { 'd' => "0-9", 's' => "\\t\\n\\f\\r ", _ => "0-9A-Za-z_" };
            return Add(result, inClass ? set : $"[{set}]", at + 1);
        }

        if (next is 'D' or 'S' or 'W' && !inClass)
        {
            return Add(result, next switch { 'D' => "[^0-9]", 'S' => "[^\\t\\n\\f\\r ]", _ => "[^0-9A-Za-z_]" }, at + 1);
        }

        if (next is 'p' or 'P' && at + 2 < pattern.Length && pattern[at + 2] != '{')
        {
            return Add(result, $"\\{next}{{{pattern[at + 2]}}}", at + 2);
        }

        if (next == 'Q' && !inClass)
        {
            var end = pattern.IndexOf("\\E", at + 2, StringComparison.Ordinal);
            var quoted = end < 0 ? pattern[(at + 2)..] : pattern[(at + 2)..end];
            return Add(result, Regex.Escape(quoted), end < 0 ? pattern.Length - 1 : end + 1);
        }

        return Add(result, pattern[at..(at + 2)], at + 1);
    }

    /// <returns>The index of the closing bracket.</returns>
    private static int Class(string pattern, int at, StringBuilder result)
    {
        result.Append('[');
        var i = at + 1;
        if (i < pattern.Length && pattern[i] == '^') { result.Append(pattern[i++]); }
        // A bracket that comes first is a character like others.
        if (i < pattern.Length && pattern[i] == ']') { result.Append("\\]"); i++; }
        for (; i < pattern.Length && pattern[i] != ']'; i++)
        {
            if (pattern[i] == '\\') { i = Escape(pattern, i, result, inClass: true); }
            else if (pattern[i] != '[') { result.Append(pattern[i]); }
            else if (Named(pattern, i) is ({ } set, var last))
            {
                result.Append(set);
                i = last;
            }
            else { result.Append("\\["); }
        }

        if (i < pattern.Length) { result.Append(']'); }
        return i;
    }

    /// <summary>As <c>[:alpha:]</c> within a class.</summary>
    private static (string? Set, int Last) Named(string pattern, int at)
    {
        var end = at + 1 < pattern.Length && pattern[at + 1] == ':' ? pattern.IndexOf(":]", at + 2, StringComparison.Ordinal) : -1;
        return end > 0 && classes.TryGetValue(pattern[(at + 2)..end], out var set) ? (set, end + 1) : (null, at);
    }
}
