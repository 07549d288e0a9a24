using System.Net;
using Flotilla.ClusterCore.ApiServer.Certificates;
using Flotilla.ClusterCore.ApiServer.Local;
using Flotilla.ClusterCore.ApiServer.Pipeline;
using Flotilla.ClusterCore.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Flotilla.ClusterCore.ApiServer;

/// <summary>A running API server over a store that stays its owner's.</summary>
public sealed class ApiServerInstance : IAsyncDisposable
{
    private readonly ServerParts parts;
    private readonly WebApplication application;

    private ApiServerInstance(ServerParts parts, WebApplication application, ClusterPki pki) =>
        (this.parts, this.application, Pki) = (parts, application, pki);

    public ClusterPki Pki { get; }

    /// <summary>Where it listens, with the ports that were taken.</summary>
    public IReadOnlyList<Uri> Addresses =>
        [.. application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Select(address => new Uri(address))];

    /// <summary>Makes the cluster's keys if it has none, starts to listen, and fills a new cluster with what every cluster has.</summary>
    public static async Task<ApiServerInstance> StartAsync(
        ApiServerOptions options, IStore store, TimeProvider clock, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var pki = ClusterPki.LoadOrCreate(Path.Combine(options.DataDirectory, "pki"), ServerNames.Of(options), clock);
        var parts = new ServerParts(options, store, pki, clock, loggers);
        await parts.StartAsync(cancellationToken);
        var application = KestrelSetup.Build(options, pki, parts.Pipeline, loggers);
        await application.StartAsync(cancellationToken);
        var instance = new ApiServerInstance(parts, application, pki);
        await parts.Bootstrap.RunAsync(instance.Addresses[0].Port, cancellationToken);
        parts.Keep();
        if (options.SharesStore) { parts.Endpoints.Start(instance.Addresses[0].Port); }
        return instance;
    }

    /// <summary>The kubeconfig of a user with a client certificate of this cluster.</summary>
    public string Kubeconfig(string user, params IEnumerable<string> groups)
    {
        using var client = Pki.IssueClient(user, groups);
        return KubeconfigFile.Text(LocalAddress(), Pki.Authority, user, client);
    }

    /// <summary>The API for a client in this process, who is this user. No byte of it leaves the process.</summary>
    public HttpMessageHandler LocalHandler(string user, params IEnumerable<string> groups) =>
        new LocalHandler(parts.Pipeline, Pki.IssueClient(user, groups));

    /// <summary>Ends watches first: Kestrel would wait for them.</summary>
    public async ValueTask DisposeAsync()
    {
        await parts.DisposeAsync();
        await application.StopAsync(CancellationToken.None);
        await application.DisposeAsync();
        Pki.Dispose();
    }

    private string LocalAddress()
    {
        var first = Addresses[0];
        var isAny = IPAddress.TryParse(first.Host.Trim('[', ']'), out var address) && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any));
        return $"https://{(isAny ? "127.0.0.1" : first.Host)}:{first.Port}";
    }
}
