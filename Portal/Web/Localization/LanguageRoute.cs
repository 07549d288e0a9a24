using Flotilla.Portal.Web.Accounts;
using Microsoft.AspNetCore.Localization;

namespace Flotilla.Portal.Web.Localization;

internal static class LanguageRoute
{
    /// <summary>Remembers the language in a cookie and goes back.</summary>
    public static void MapLanguage(this IEndpointRouteBuilder app) => app.MapGet("/language", (string culture, string? returnUrl, HttpContext http) =>
    {
        if (Languages.Cultures.Contains(culture))
        {
            http.Response.Cookies.Append(
                CookieRequestCultureProvider.DefaultCookieName,
                CookieRequestCultureProvider.MakeCookieValue(new(culture)),
                new() { MaxAge = TimeSpan.FromDays(365), SameSite = SameSiteMode.Lax, IsEssential = true });
        }
        return Results.LocalRedirect(ReturnUrl.Local(returnUrl));
    });
}
