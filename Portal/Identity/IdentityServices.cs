using Flotilla.Portal.Identity.Accounts;
using Flotilla.Portal.Identity.Issuer;
using Flotilla.Portal.Identity.Sessions;
using Flotilla.Portal.Identity.Tokens;
using Flotilla.Provisioner.Fleet;
using Flotilla.Provisioner.Fleet.Secrets;
using Flotilla.Provisioner.Fleet.Users;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Flotilla.Portal.Identity;

public static class IdentityServices
{
    public const string PlatformAdminPolicy = "platform-admin";

    /// <summary>Who users are and how they prove it. Needs the fleet's services.</summary>
    public static IServiceCollection AddPortalIdentity(this IServiceCollection services)
    {
        AddUsers(services);
        AddSchemes(services);
        AddSharedKeys(services);
        services.AddAuthorizationBuilder().AddPolicy(PlatformAdminPolicy, policy => policy.RequireClaim(PortalClaims.PlatformAdmin));
        services.AddCascadingAuthenticationState();
        services.AddScoped<AuthenticationStateProvider, SessionRevalidation>();
        services.AddScoped<FirstAdmin>();
        services.AddScoped<Invitations>();
        services.AddSingleton<OperatorToken>();
        AddIssuer(services);
        return services;
    }

    private static void AddIssuer(IServiceCollection services)
    {
        services.AddSingleton<IssuerStore>();
        services.AddSingleton<SigningKeys>();
        services.AddSingleton<TokenIssuer>();
        services.AddSingleton(provider => new DeviceGrants(provider.GetRequiredService<IssuerStore>()));
    }

    private static void AddUsers(IServiceCollection services) => services
        .AddIdentityCore<FleetUser>(options =>
        {
            options.User.RequireUniqueEmail = true;
            // Length protects, rules about characters do not (NIST SP 800-63B).
            options.Password = new() { RequiredLength = 10, RequireDigit = false, RequireLowercase = false, RequireUppercase = false, RequireNonAlphanumeric = false };
            options.Lockout = new() { MaxFailedAccessAttempts = 5, DefaultLockoutTimeSpan = TimeSpan.FromMinutes(5) };
            options.Stores.SchemaVersion = IdentitySchemaVersions.Version3;
        })
        .AddEntityFrameworkStores<FleetDbContext>()
        .AddClaimsPrincipalFactory<PortalClaimsFactory>()
        .AddSignInManager()
        .AddDefaultTokenProviders();

    private static void AddSchemes(IServiceCollection services)
    {
        var schemes = services.AddAuthentication(IdentityConstants.ApplicationScheme);
        schemes.AddIdentityCookies(cookies => cookies.ApplicationCookie!.Configure(cookie =>
        {
            cookie.Cookie.Name = "flotilla-session";
            cookie.Cookie.SameSite = SameSiteMode.Lax;
            cookie.LoginPath = "/login";
            cookie.LogoutPath = "/logout";
            cookie.AccessDeniedPath = "/denied";
            cookie.ExpireTimeSpan = TimeSpan.FromDays(7);
            cookie.SlidingExpiration = true;
        }));
        schemes.AddScheme<AuthenticationSchemeOptions, ApiTokenAuthentication>(ApiTokenAuthentication.SchemeName, null);
        services.Configure<SecurityStampValidatorOptions>(options => options.ValidationInterval = TimeSpan.FromMinutes(1));
    }

    private static void AddSharedKeys(IServiceCollection services)
    {
        services.AddDataProtection().SetApplicationName("flotilla");
        services.AddSingleton<IXmlRepository, DataProtectionKeys>();
        services.AddSingleton<IConfigureOptions<KeyManagementOptions>>(provider => new ConfigureOptions<KeyManagementOptions>(options =>
        {
            options.XmlRepository = provider.GetRequiredService<IXmlRepository>();
            options.XmlEncryptor = new SealedKeys(provider.GetRequiredService<SecretBox>());
        }));
    }
}
