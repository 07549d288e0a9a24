using Flotilla.Portal.Web.Components.Elements;
using Flotilla.Portal.Web.Views;
using Radzen;

namespace Flotilla.Portal.Web.Hosting;

internal static class PageServices
{
    public static IServiceCollection AddPortalPages(this IServiceCollection services)
    {
        services.AddRazorComponents().AddInteractiveServerComponents();
        services.AddRadzenComponents();
        services.AddLocalization();
        services.AddScoped<ToastBoard>();
        services.AddPortalViews();
        return services;
    }
}
