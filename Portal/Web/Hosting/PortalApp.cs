using Flotilla.Portal.Identity;
using Flotilla.Portal.Identity.Issuer;
using Flotilla.Portal.Web.Accounts;
using Flotilla.Portal.Web.Api;
using Flotilla.Portal.Web.Components;
using Flotilla.Portal.Web.Localization;
using Flotilla.Provisioner.Fleet;
using Microsoft.Extensions.Logging.Console;

namespace Flotilla.Portal.Web.Hosting;

/// <summary>The portal's one composition root: services, then the pipeline, then the routes.</summary>
internal static class PortalApp
{
    public static WebApplication Build(PortalArguments arguments)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            ContentRootPath = AppContext.BaseDirectory,
            // The static assets' manifests carry the name.
            ApplicationName = typeof(PortalApp).Assembly.GetName().Name,
        });
        builder.WebHost.UseUrls(arguments.Urls.Split(';')).UseStaticWebAssets();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        AddLogging(builder.Logging);

        builder.Services.AddFleet(new FleetOptions { Database = arguments.Database, Home = arguments.Home });
        builder.Services.AddPortalIdentity();
        builder.Services.AddPortalApi();
        builder.Services.AddPortalPages();

        var app = builder.Build();
        app.UseExceptionHandler("/error", createScopeForErrors: true);
        app.UseWhen(ApiProblems.IsApi, api => api.UseExceptionHandler(failed => failed.Run(ApiProblems.WriteFailureAsync)));
        app.UseStatusCodePages(ApiProblems.WriteAsync);
        app.UseRequestLocalization(options => options
            .AddSupportedCultures(Languages.Cultures)
            .AddSupportedUICultures(Languages.Cultures)
            .SetDefaultCulture(Languages.Cultures[0]));
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseAntiforgery();

        app.MapStaticAssets();
        app.MapPortalApi();
        app.MapIssuer();
        app.MapAccounts();
        app.MapLanguage();
        app.MapKubeconfigDownload();
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode();
        return app;
    }

    private static void AddLogging(ILoggingBuilder logging)
    {
        // Standard output is for what commands print.
        logging.AddSimpleConsole(console => console.SingleLine = true);
        logging.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        logging.AddFilter("Microsoft", LogLevel.Warning);
        logging.AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Information);
        // A failed statement is thrown, and logged by whoever does not expect it; the first migration expects one.
        logging.AddFilter("Microsoft.EntityFrameworkCore.Database.Command", LogLevel.None);
    }
}
