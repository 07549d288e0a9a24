using System.Text.RegularExpressions;
using Microsoft.Extensions.Localization;

namespace Flotilla.Portal.Web.Localization;

internal static partial class StepText
{
    /// <summary>A step's title in the user's language; nodes' names in it stay: <c>Start worker-1</c> is <c>Start {0}</c>.</summary>
    public static string OfStep(this IStringLocalizer<Texts> texts, string title)
    {
        if (Node().Match(title) is not { Success: true } node) { return texts[title]; }
        return texts[title.Replace(node.Value, "{0}"), node.Value];
    }

    [GeneratedRegex(@"\b(master|worker)-\d+\b", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Node();
}
