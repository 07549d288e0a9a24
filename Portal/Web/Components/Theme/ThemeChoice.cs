namespace Flotilla.Portal.Web.Components.Theme;

/// <summary>Light, dark, or what the system says: decided by style sheets' media queries, so that no page flashes.</summary>
internal sealed record ThemeChoice(string Name, string LightMedia, string DarkMedia)
{
    public const string Cookie = "flotilla-theme";

    public static ThemeChoice System { get; } = new("system", "(prefers-color-scheme: light)", "(prefers-color-scheme: dark)");

    public static ThemeChoice Light { get; } = new("light", "all", "not all");

    public static ThemeChoice Dark { get; } = new("dark", "not all", "all");

    public static ThemeChoice Of(string? cookie) => cookie switch
    {
        "light" => Light,
        "dark" => Dark,
        _ => System,
    };
}
