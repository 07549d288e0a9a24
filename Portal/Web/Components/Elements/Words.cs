using System.Text;

namespace Flotilla.Portal.Web.Components.Elements;

/// <summary>The API's words as a person's: <c>createCluster</c> is "Create cluster". Kubernetes' own words stay.</summary>
internal static class Words
{
    public static string Of(string word)
    {
        if (word.Length == 0 || char.IsAsciiLetterUpper(word[0])) { return word; }
        var text = new StringBuilder().Append(char.ToUpperInvariant(word[0]));
        foreach (var letter in word.AsSpan(1))
        {
            if (char.IsAsciiLetterUpper(letter)) { text.Append(' ').Append(char.ToLowerInvariant(letter)); }
            else { text.Append(letter); }
        }
        return text.ToString();
    }
}
