namespace Flotilla.Portal.Web.Localization;

internal static class Languages
{
    /// <summary>Culture name and what the language calls itself; the first is the default.</summary>
    public static IReadOnlyList<(string Culture, string Name)> All { get; } = [("en", "English"), ("ko", "한국어")];

    public static string[] Cultures { get; } = [.. All.Select(language => language.Culture)];
}
