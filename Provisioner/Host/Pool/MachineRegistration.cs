using Flotilla.Provisioner.Fleet;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Flotilla.Provisioner.Host.Pool;

/// <summary>Makes this machine known to the pool and says every few seconds that it is there.</summary>
internal sealed partial class MachineRegistration(
    ProvisionerOptions options, MachineIdentity identity, IDbContextFactory<FleetDbContext> contexts, TimeProvider clock,
    ILogger<MachineRegistration> log) : BackgroundService
{
    private static readonly TimeSpan HeartbeatInterval = TimeSpan.FromSeconds(10);

    /// <summary>A small master or a worker with a few pods.</summary>
    private const long BytesPerNode = 192L << 20;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await RegisterAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(HeartbeatInterval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await HeartbeatAsync(stoppingToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                LogMissed(exception.Message);
            }
        }
    }

    private async Task RegisterAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var now = clock.GetUtcNow();
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        var capacity = options.Capacity > 0 ? options.Capacity : (int)Math.Max(1, memory / BytesPerNode);
        var endpoint = $"{options.GatewayAddress}:{options.GatewayPort}";
        var version = typeof(MachineRegistration).Assembly.GetName().Version!.ToString(3);
        var machine = await context.Machines.SingleOrDefaultAsync(m => m.Name == options.MachineName, cancellationToken);
        if (machine is null)
        {
            machine = new()
            {
                Name = options.MachineName,
                Cpus = Environment.ProcessorCount,
                MemoryBytes = memory,
                Capacity = capacity,
                GatewayEndpoint = endpoint,
                Version = version,
                RegisteredAt = now,
                LastHeartbeat = now,
            };
            context.Machines.Add(machine);
        }
        (machine.Cpus, machine.MemoryBytes, machine.Capacity) = (Environment.ProcessorCount, memory, capacity);
        (machine.GatewayEndpoint, machine.Version, machine.LastHeartbeat) = (endpoint, version, now);
        await context.SaveChangesAsync(cancellationToken);
        identity.Id = machine.Id;
        LogRegistered(machine.Name, machine.Capacity);
    }

    /// <summary>Past the change tracker: a heartbeat is no news to the pages.</summary>
    private async Task HeartbeatAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var now = clock.GetUtcNow();
        await context.Machines.Where(machine => machine.Id == identity.Id)
            .ExecuteUpdateAsync(set => set.SetProperty(machine => machine.LastHeartbeat, now), cancellationToken);
    }

    [LoggerMessage(LogLevel.Information, "This is machine {Machine} with room for {Capacity} masters and nodes")]
    private partial void LogRegistered(string machine, int capacity);

    [LoggerMessage(LogLevel.Warning, "A heartbeat was missed: {Reason}")]
    private partial void LogMissed(string reason);
}
