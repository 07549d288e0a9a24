namespace Flotilla.Portal.Web.Accounts;

internal static class ReturnUrl
{
    /// <summary>The address when it stays on this site: a path that no browser reads as another host.</summary>
    public static string Local(string? url, string otherwise = "/") =>
        url is ['/', ..] && url is not ['/', '/' or '\\', ..] && !url.Any(char.IsControl) ? url : otherwise;
}
