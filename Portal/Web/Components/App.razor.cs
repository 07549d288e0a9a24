using System.Globalization;
using Flotilla.Portal.Web.Components.Theme;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.AspNetCore.Components.Web;

namespace Flotilla.Portal.Web.Components;

/// <summary>The document. Pages are interactive, except those that write the sign-in cookie: they are plain forms.</summary>
public sealed partial class App
{
    // Without prerendering nothing can be clicked before it works, and nothing is read twice.
    private static readonly InteractiveServerRenderMode Interactive = new(prerender: false);

    private ThemeChoice theme = ThemeChoice.System;

    [CascadingParameter]
    public required HttpContext HttpContext { get; set; }

    private IComponentRenderMode? Mode => HttpContext.AcceptsInteractiveRouting() ? Interactive : null;

    private static string Language => CultureInfo.CurrentUICulture.Name;

    protected override void OnInitialized() => theme = ThemeChoice.Of(HttpContext.Request.Cookies[ThemeChoice.Cookie]);
}
