using System.Net.NetworkInformation;
using Flotilla.Provisioner.Fleet;
using Flotilla.Provisioner.Fleet.Clusters;
using Flotilla.Provisioner.Fleet.Operations;
using Flotilla.Provisioner.Fleet.Secrets;
using Flotilla.Provisioner.Machines.Networks;
using Flotilla.Provisioner.Plans.Engine;
using Microsoft.EntityFrameworkCore;

namespace Flotilla.Provisioner.Plans.Clusters;

/// <summary>What a cluster gets of its machine before anything of it runs: ports, a network, its keys; kept until it is purged.</summary>
internal sealed class Allocation(IDbContextFactory<FleetDbContext> contexts, SecretBox secrets, TimeProvider clock)
{
    // Below the kernel's ephemeral range (32768 and up), so that no outgoing connection takes one.
    private const int FirstPort = 20_000;
    private const int LastPort = 32_767;

    private const long AllocationLock = 0x666c_7461_6c6c_6f63;

    public async Task EnsureAsync(string clusterId, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        await context.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({AllocationLock})", cancellationToken);
        var clusters = await context.Clusters.Include(c => c.Nodes)
            .Where(c => c.Id == clusterId || context.Clusters.Any(self => self.Id == clusterId && self.MachineId == c.MachineId))
            .ToListAsync(cancellationToken);
        var cluster = clusters.Single(c => c.Id == clusterId);
        cluster.NetworkIndex ??= FreeNetwork(clusters, BusyNetworks()) ?? throw Full("networks");
        cluster.Port ??= FreePort(clusters, PortsOf(cluster.Masters), BusyPorts()) ?? throw Full($"ports between {FirstPort} and {LastPort}");
        ClusterPki.Ensure(cluster, secrets, clock.GetUtcNow());
        for (var index = 0; index < cluster.Masters; index++) { ClusterRecords.AddNode(cluster, NodeRole.Master, index, clock.GetUtcNow()); }
        for (var index = 0; index < cluster.Workers; index++) { ClusterRecords.AddNode(cluster, NodeRole.Worker, index, clock.GetUtcNow()); }
        await context.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>Of a cluster that is gone from the machine. Its keys go too: nobody can use its old kubeconfigs.</summary>
    public async Task ReleaseAsync(string clusterId, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var cluster = await context.Clusters.Include(c => c.Nodes).SingleAsync(c => c.Id == clusterId, cancellationToken);
        (cluster.Port, cluster.NetworkIndex) = (null, null);
        (cluster.CaCertificate, cluster.CaKey, cluster.ServiceAccountKey) = (null, null, null);
        (cluster.EtcdCaCertificate, cluster.EtcdCaKey) = (null, null);
        context.ClusterNodes.RemoveRange(cluster.Nodes);
        await context.SaveChangesAsync(cancellationToken);
    }

    /// <summary>Each master's API; with several masters, each one's etcd too (clients, peers).</summary>
    internal static int PortsOf(int masters) => masters == 1 ? 1 : 3 * masters;

    internal static int? FreeNetwork(IEnumerable<Cluster> clusters, IEnumerable<int> busy)
    {
        var used = clusters.Select(cluster => cluster.NetworkIndex).OfType<int>().Concat(busy).ToHashSet();
        return Enumerable.Range(0, ClusterNetwork.MaxIndex + 1).Where(index => !used.Contains(index)).Cast<int?>().FirstOrDefault();
    }

    /// <summary>The first of <paramref name="count"/> free ports in a row.</summary>
    internal static int? FreePort(IEnumerable<Cluster> clusters, int count, IReadOnlySet<int> busy)
    {
        var used = clusters.Where(cluster => cluster.Port is not null)
            .SelectMany(cluster => Enumerable.Range(cluster.Port!.Value, PortsOf(cluster.Masters)))
            .Concat(busy)
            .ToHashSet();
        for (var port = FirstPort; port + count - 1 <= LastPort; port++)
        {
            if (Enumerable.Range(port, count).All(candidate => !used.Contains(candidate))) { return port; }
        }
        return null;
    }

    private static HashSet<int> BusyPorts() =>
        [.. IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Select(listener => listener.Port)];

    /// <summary>Another platform on this machine, or what an earlier one left: two bridges with one address would cut off both.</summary>
    private static IEnumerable<int> BusyNetworks() =>
        from device in NetworkInterface.GetAllNetworkInterfaces()
        from address in device.GetIPProperties().UnicastAddresses
        let index = ClusterNetwork.IndexOf(address.Address)
        where index is not null
        select index.Value;

    private static StepException Full(string what) =>
        new("machine.full", $"The machine has no free {what} left.", ErrorFixer.Operator, canRetry: false);
}
