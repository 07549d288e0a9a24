using Flotilla.ClusterCore.ApiServer;
using Flotilla.ClusterCore.ApiServer.Certificates;
using Flotilla.ClusterCore.Hosting;
using Flotilla.ClusterCore.Storage;
using Flotilla.ClusterCore.Storage.Embedded;
using Flotilla.ClusterCore.Storage.Etcd.Client;
using Microsoft.Extensions.Logging;

namespace Flotilla.ClusterCore.Host.Serving;

/// <summary>One member of a control plane: the store, the API server over it, and its clients in the same process; or clients of another alone.</summary>
internal sealed class ControlPlane(ServeOptions options)
{
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var loggers = LoggerFactory.Create(logging => logging
            .SetMinimumLevel(LogLevel.Information)
            .AddFilter("Microsoft", LogLevel.Warning)
            .AddFilter("Microsoft.Extensions.Hosting", LogLevel.None) // a failed start is told once, in one line, by the command
            .AddSimpleConsole(console => console.SingleLine = true));
        await (options.Runs("apiserver") ? RunMemberAsync(loggers, cancellationToken) : RunClientsAsync(loggers, cancellationToken));
    }

    private async Task RunMemberAsync(ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        await using var store = await OpenStoreAsync(loggers, cancellationToken);
        await using var server = await StartServerAsync(store, loggers, cancellationToken);
        if (options.WrittenKubeconfig is { } path)
        {
            await KubeconfigFile.WriteAsync(path, server.Kubeconfig("kubernetes-admin", "system:masters"), cancellationToken);
        }

        // With the embedded store this member is the only one: there is nobody to contend with for leadership.
        await RunClientsAsync(ServerAccess.Of(server, contended: options.EtcdServers.Count > 0), loggers, cancellationToken);
    }

    private Task RunClientsAsync(ILoggerFactory loggers, CancellationToken cancellationToken) =>
        RunClientsAsync(ServerAccess.Of(options), loggers, cancellationToken);

    private async Task RunClientsAsync(ServerAccess access, ILoggerFactory loggers, CancellationToken cancellationToken) =>
        await Task.WhenAll(
            new ControlPlaneClients(options, access, loggers).RunAsync(cancellationToken),
            ProcessMemory.GiveBackWhenQuietAsync(TimeProvider.System, cancellationToken),
            Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private async Task<IStore> OpenStoreAsync(ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        if (options.EtcdServers.Count > 0) { return await OpenEtcdAsync(loggers, cancellationToken); }
        return await EmbeddedStore.OpenAsync(
            new() { Directory = Path.Combine(options.DataDirectory, "store"), Logger = loggers.CreateLogger<EmbeddedStore>() }, cancellationToken);
    }

    private async Task<IStore> OpenEtcdAsync(ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var members = options.EtcdServers.Select(static text => Uri.TryCreate(text, UriKind.Absolute, out var uri)
            ? uri
            : throw new ServeException($"--etcd-servers: \"{text}\" is no URL such as https://127.0.0.1:2379")).ToList();
        return await EtcdStore.OpenAsync(
            new()
            {
                Endpoints = members,
                CaFile = options.EtcdAuthority,
                CertificateFile = options.EtcdCertificate,
                KeyFile = options.EtcdKey,
                Logger = loggers.CreateLogger<EtcdStore>(),
            },
            cancellationToken);
    }

    private Task<ApiServerInstance> StartServerAsync(IStore store, ILoggerFactory loggers, CancellationToken cancellationToken) =>
        ApiServerInstance.StartAsync(
            new()
            {
                DataDirectory = options.DataDirectory,
                Listen = options.Listen,
                AdvertiseAddress = options.AdvertiseAddress,
                SharesStore = options.EtcdServers.Count > 0,
                AlternativeNames = options.AlternativeNames,
                ServiceNetwork = options.ServiceNetwork,
                JwtIssuers = options.JwtIssuers,
            },
            store, TimeProvider.System, loggers, cancellationToken);
}
