using System.Runtime.CompilerServices;
using System.Security.Claims;
using Bunit;
using Flotilla.Portal.Identity.Sessions;
using Flotilla.Portal.Web.Components.Elements;
using Flotilla.Portal.Web.Views;
using Flotilla.Portal.Web.Workloads;
using Flotilla.Provisioner.Fleet;
using Flotilla.Provisioner.Fleet.Alerts;
using Flotilla.Provisioner.Fleet.Clusters;
using Flotilla.Provisioner.Fleet.Events;
using Flotilla.Provisioner.Fleet.Projects;
using Flotilla.Provisioner.Fleet.Users;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.Extensions.DependencyInjection;
using Radzen;

namespace Flotilla.Portal.Web.Tests.Components;

/// <summary>Renders pages with the real services of the portal, for one signed-in user.</summary>
public abstract class PageTest : BunitContext, IAsyncLifetime
{
    protected static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    protected PageTest(FleetFixture fleet)
    {
        Fleet = fleet;
        // The comparer's own constructor needs the AngleSharp.Diffing that cannot be had; nothing here compares markup.
        var comparer = typeof(BunitContext).Assembly.GetType("Bunit.Diffing.HtmlComparer", throwOnError: true)!;
        Services.AddSingleton(comparer, RuntimeHelpers.GetUninitializedObject(comparer));
        JSInterop.Mode = JSRuntimeMode.Loose;
        Services.AddLocalization();
        Services.AddRadzenComponents();
        Services.AddScoped<ToastBoard>();
        Share<TimeProvider>().Share<FleetEvents>().Share<ProjectViews>().Share<ClusterViews>().Share<OperationViews>()
            .Share<MemberViews>().Share<AlertChannelViews>().Share<TokenViews>().Share<AuditViews>().Share<MachineViews>().Share<WorkloadFeeds>()
            .Share<ProjectCommands>().Share<ClusterCommands>().Share<AlertChannelCommands>().Share<KubeconfigIssuer>().Share<ApiTokens>();
    }

    protected FleetFixture Fleet { get; }

    protected Actor Actor { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Actor = await Fleet.AddUserAsync();
        RenderTree.Add<CascadingValue<Task<AuthenticationState>>>(parameters => parameters.Add(p => p.Value, Task.FromResult(SignedIn(Actor))));
    }

    async ValueTask IAsyncDisposable.DisposeAsync()
    {
        await DisposeComponentsAsync();
        await DisposeAsyncCore();
        GC.SuppressFinalize(this);
    }

    private PageTest Share<T>() where T : class
    {
        // As an instance: what a container makes itself it also disposes.
        Services.AddSingleton(Fleet.Services.GetRequiredService<T>());
        return this;
    }

    private static AuthenticationState SignedIn(Actor actor)
    {
        var claims = new List<Claim> { new(ClaimTypes.NameIdentifier, actor.UserId!.Value.ToString()), new(ClaimTypes.Name, actor.Name) };
        if (actor.IsPlatformAdmin) { claims.Add(new(PortalClaims.PlatformAdmin, "true")); }
        return new(new(new ClaimsIdentity(claims, "test")));
    }
}
