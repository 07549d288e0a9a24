using Flotilla.ClusterCore.Client.Objects;
using Microsoft.Extensions.Logging;

namespace Flotilla.ClusterCore.Client.Election;

/// <summary>The durations are kube-controller-manager's defaults.</summary>
public sealed record LeaderElectionOptions
{
    public required string LeaseName { get; init; }
    public string LeaseNamespace { get; init; } = "kube-system";

    /// <summary>Unique per contender.</summary>
    public required string Identity { get; init; }
    public TimeSpan LeaseDuration { get; init; } = TimeSpan.FromSeconds(15);
    public TimeSpan RenewDeadline { get; init; } = TimeSpan.FromSeconds(10);
    public TimeSpan RetryPeriod { get; init; } = TimeSpan.FromSeconds(2);
}

/// <summary>
/// Lets one contender at a time work. What counts is when this process last saw the lease change, on its own clock: clocks of
/// different machines are never compared.
/// </summary>
public sealed partial class LeaderElector(ApiClient client, LeaderElectionOptions options, TimeProvider clock, ILogger logger)
{
    private Lease? observed;
    private long observedAt;

    /// <summary>Waits to become leader, then runs <paramref name="lead"/> until leadership is lost; then contends again.</summary>
    public async Task RunAsync(Func<CancellationToken, Task> lead, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            if (!await TryAcquireAsync(cancellationToken))
            {
                await Task.Delay(UntilNextTry(), clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                continue;
            }
            LogLeading(logger, options.Identity, options.LeaseName);
            await LeadAsync(lead, cancellationToken);
        }
    }

    // A lease that is about to run out is tried at once when it has.
    private TimeSpan UntilNextTry()
    {
        var left = observed is null ? TimeSpan.Zero : Duration(observed) - clock.GetElapsedTime(observedAt);
        return left > TimeSpan.Zero && left < options.RetryPeriod ? left : options.RetryPeriod;
    }

    private async Task LeadAsync(Func<CancellationToken, Task> lead, CancellationToken cancellationToken)
    {
        using var leadership = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var work = lead(leadership.Token);
        await RenewAsync(work, leadership.Token);
        await leadership.CancelAsync();
        await work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (cancellationToken.IsCancellationRequested)
        {
            await ReleaseAsync();
        }
        LogLost(logger, options.Identity, options.LeaseName, work.Exception?.InnerException?.Message);
    }

    private async Task RenewAsync(Task work, CancellationToken cancellationToken)
    {
        var renewedAt = clock.GetTimestamp();
        while (!work.IsCompleted && !cancellationToken.IsCancellationRequested && clock.GetElapsedTime(renewedAt) < options.RenewDeadline)
        {
            await Task.WhenAny(work, Task.Delay(options.RetryPeriod, clock, cancellationToken));
            if (!work.IsCompleted && !cancellationToken.IsCancellationRequested && await TryAcquireAsync(cancellationToken))
            {
                renewedAt = clock.GetTimestamp();
            }
        }
    }

    private async Task<bool> TryAcquireAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await AcquireOrRenewAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or ApiException or TaskCanceledException)
        {
            LogUnreachable(logger, options.LeaseName, exception.Message);
            return false;
        }
    }

    private async Task<bool> AcquireOrRenewAsync(CancellationToken cancellationToken)
    {
        // The holder updates what it last wrote; only a conflict makes it read again.
        if (observed?.Spec.HolderIdentity == options.Identity)
        {
            var renewed = await client.UpdateAsync(Kinds.Leases, Renewed(observed), cancellationToken);
            if (renewed.Succeeded)
            {
                Observe(renewed.Value);
                return true;
            }
        }
        var found = await client.GetAsync(Kinds.Leases, options.LeaseNamespace, options.LeaseName, cancellationToken);
        if (found.IsNotFound)
        {
            return Took(await client.CreateAsync(Kinds.Leases, FirstLease(), cancellationToken));
        }
        if (!found.Succeeded)
        {
            return false;
        }
        Observe(found.Value);
        var holder = found.Value.Spec.HolderIdentity;
        var taken = !string.IsNullOrEmpty(holder) && holder != options.Identity;
        return !(taken && clock.GetElapsedTime(observedAt) < Duration(found.Value))
            && Took(await client.UpdateAsync(Kinds.Leases, Renewed(found.Value), cancellationToken));
    }

    private bool Took(ApiResult<Lease> result)
    {
        if (result.Succeeded)
        {
            Observe(result.Value);
        }
        return result.Succeeded;
    }

    private void Observe(Lease lease)
    {
        if (observed?.Metadata.ResourceVersion != lease.Metadata.ResourceVersion)
        {
            observed = lease;
            observedAt = clock.GetTimestamp();
        }
    }

    private static TimeSpan Duration(Lease lease) => TimeSpan.FromSeconds(lease.Spec.LeaseDurationSeconds ?? 0);

    private Lease FirstLease() => new()
    {
        Metadata = new() { Namespace = options.LeaseNamespace, Name = options.LeaseName },
        Spec = Spec(clock.GetUtcNow(), 0),
    };

    private Lease Renewed(Lease lease)
    {
        var mine = lease.Spec.HolderIdentity == options.Identity;
        var transitions = lease.Spec.LeaseTransitions ?? 0;
        return lease with { Spec = Spec(mine ? lease.Spec.AcquireTime : clock.GetUtcNow(), mine ? transitions : transitions + 1) };
    }

    private LeaseSpec Spec(DateTimeOffset? acquired, int transitions) => new()
    {
        HolderIdentity = options.Identity,
        LeaseDurationSeconds = (int)options.LeaseDuration.TotalSeconds,
        AcquireTime = acquired,
        RenewTime = clock.GetUtcNow(),
        LeaseTransitions = transitions,
    };

    private async Task ReleaseAsync()
    {
        if (observed?.Spec.HolderIdentity != options.Identity)
        {
            return;
        }
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2), clock);
        var released = observed with { Spec = Spec(observed.Spec.AcquireTime, observed.Spec.LeaseTransitions ?? 0) };
        released.Spec.HolderIdentity = "";
        released.Spec.LeaseDurationSeconds = 1;
        try
        {
            await client.UpdateAsync(Kinds.Leases, released, limit.Token);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or ApiException or OperationCanceledException)
        {
            LogUnreachable(logger, options.LeaseName, exception.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Identity} leads {Lease}")]
    private static partial void LogLeading(ILogger logger, string identity, string lease);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Identity} no longer leads {Lease} {Reason}")]
    private static partial void LogLost(ILogger logger, string identity, string lease, string? reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Lease {Lease} could not be read or written: {Reason}")]
    private static partial void LogUnreachable(ILogger logger, string lease, string reason);
}
