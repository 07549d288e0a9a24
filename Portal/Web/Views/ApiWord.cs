namespace Flotilla.Portal.Web.Views;

internal static class ApiWord
{
    /// <summary>An enum's name as the API writes it: <c>NotReady</c> is <c>notReady</c>.</summary>
    public static string Of<T>(T value) where T : struct, Enum
    {
        var name = value.ToString();
        return char.ToLowerInvariant(name[0]) + name[1..];
    }

    /// <summary>Null when the word is none of the enum's.</summary>
    public static T? Parse<T>(string? word) where T : struct, Enum =>
        Enum.TryParse<T>(word, ignoreCase: true, out var value) && Of(value) == word ? value : null;
}
