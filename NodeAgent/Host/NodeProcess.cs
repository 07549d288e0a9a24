using System.Security.Cryptography.X509Certificates;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Informers;
using Flotilla.ClusterCore.Hosting;
using Flotilla.NodeAgent.Kubelet.Server.Tunnels;
using Flotilla.NodeAgent.Kubelet.Simulation;
using Flotilla.NodeAgent.Network;
using Flotilla.NodeAgent.Runtime.Containerd;
using Flotilla.NodeAgent.Runtime.Simulated;
using Microsoft.Extensions.Logging;

namespace Flotilla.NodeAgent.Host;

/// <summary>The composition root: which parts a node's process has, and who starts them.</summary>
internal sealed class NodeProcess(RunOptions options, ProcessSignals signals)
{
    public async Task RunAsync()
    {
        var cancellationToken = signals.Stopping;
        using var loggers = LoggerFactory.Create(logging => logging
            .SetMinimumLevel(LogLevel.Information)
            .AddFilter("Microsoft", LogLevel.Warning)
            .AddFilter("Microsoft.Extensions.Hosting", LogLevel.None)
            .AddSimpleConsole(console => console.SingleLine = true));
        var clock = TimeProvider.System;
        var access = new NodeAccess(options, clock);
        var (kubeconfig, certificate) = await access.LoadAsync(cancellationToken);
        using var invoker = new RotatingInvoker(kubeconfig);
        using var client = new ApiClient(invoker, kubeconfig.Server) { UserAgent = "kubelet" };
        var informers = new InformerFactory(client, clock, loggers);
        if (options.Simulated)
        {
            await using var nodes = new SimulatedNodes(options.ForSimulation(), options.Count, client, informers, Rules(), Authorities(kubeconfig), clock, loggers);
            await UntilFirstEndsAsync([informers.RunAsync, nodes.RunAsync, GiveBackMemoryAsync], cancellationToken);
            return;
        }

        if (!File.Exists(Path.Combine(options.CniBinaries, "bridge")))
        {
            throw new IOException($"there are no CNI plugins in {options.CniBinaries}: install containernetworking-plugins, or say where they are with --cni-bin-dir");
        }

        using var runtime = new ContainerdRuntime(options.ContainerdSocket);
        await using var kubelet = new Kubelet.Kubelet(options.ForKubelet(), client, informers, runtime, Authorities(kubeconfig), clock, loggers);
        using var network = new NodeNetwork(client, informers, options.ForNetwork(), clock, loggers);
        var logger = loggers.CreateLogger<NodeProcess>();
        List<Func<CancellationToken, Task>> parts =
        [
            informers.RunAsync,
            kubelet.RunAsync,
            stop => ShutDownWithMachineAsync(kubelet, stop),
            network.RunAsync,
            GiveBackMemoryAsync,
        ];
        if (certificate is not null && options.RotateCertificates)
        {
            parts.Add(stop => access.Rotation(client, invoker, logger).RunAsync(certificate, stop));
        }

        if (options.Tunnel)
        {
            parts.Add(new MasterTunnels(() => invoker.Kubeconfig, informers, options.Name, new(options.NodeIp, options.ForKubelet().Port), clock, logger).RunAsync);
        }

        await UntilFirstEndsAsync(parts, cancellationToken);
    }

    /// <summary>Ends, and with it the process, when the machine goes down and every pod has been ended before.</summary>
    private async Task ShutDownWithMachineAsync(Kubelet.Kubelet kubelet, CancellationToken cancellationToken)
    {
        await signals.MachineGoesDown.WaitAsync(cancellationToken);
        await kubelet.ShutDownAsync(cancellationToken);
    }

    /// <summary>A part that ends, or fails, ends the process: whoever supervises it starts it anew.</summary>
    private static async Task UntilFirstEndsAsync(IReadOnlyList<Func<CancellationToken, Task>> parts, CancellationToken cancellationToken)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = parts.Select(part => part(stopping.Token)).ToList();
        var first = await Task.WhenAny(running);
        await stopping.CancelAsync();
        await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await first;
    }

    private static Task GiveBackMemoryAsync(CancellationToken cancellationToken) => ProcessMemory.GiveBackWhenQuietAsync(TimeProvider.System, cancellationToken);

    private SimulationRules Rules() => options.SimulationRules is { } file ? SimulationRules.Parse(File.ReadAllBytes(file)) : new();

    private static X509Certificate2Collection Authorities(Kubeconfig kubeconfig)
    {
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPem(kubeconfig.CertificateAuthority ?? throw new KubeconfigException("kubeconfig names no certificate authority"));
        return authorities;
    }
}
