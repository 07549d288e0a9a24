using System.Net;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Cache;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Flotilla.ClusterCore.ApiServer.Validation;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Allocation;

/// <summary>Gives Services their families, cluster addresses and node ports.</summary>
internal sealed class ServiceAllocator(ServiceAddresses addresses, ServiceFamilies families, ServicePorts ports)
{
    private static readonly GroupResource services = new("", "services");
    private static readonly ResourceInfo resource = ApiCatalog.Default.Resource("", "v1", "services")!;

    /// <summary>Knows the node ports that are taken, by whichever server of the cluster.</summary>
    public async Task FollowAsync(WatchFeed feed)
    {
        var (watcher, start) = feed.Of(services).WatchFromNow(Selection.All, bookmarks: false);
        using (watcher)
        {
            watcher.StopWith(feed.Stopping);
            Follow([], [.. start.Entries.SelectMany(entry => ServicePorts.Of(entry.Parse()))]);
            while (await watcher.WaitAsync())
            {
                while (watcher.TryTake(out var item)) { Follow(item.Event); }
            }
        }
    }

    public Task RepairAsync(WatchFeed feed, CancellationToken cancellationToken) =>
        addresses.RepairAsync([.. feed.Of(services).List("").Entries.Select(entry => entry.Parse())], cancellationToken);

    /// <param name="isDryRun">What would be given is found and not taken.</param>
    public async ValueTask<ServiceClaims> ClaimAsync(JsonObject? current, JsonObject next, bool isDryRun, CancellationToken cancellationToken)
    {
        var claims = new ServiceClaims((freed, freedPorts) => GiveBackAsync(freed, freedPorts));
        try
        {
            if (current is null) { ServiceAllocatedValues.CompleteAddresses(next); }
            families.Settle(current, next);
            await ClaimAddressAsync(claims, current, next, isDryRun, cancellationToken);
            ports.Claim(claims, current, next);
            if (current is not null) { claims.Drop(ServiceAddresses.Of(current).Except(ServiceAddresses.Of(next)), ServicePorts.Of(current).Except(ServicePorts.Of(next))); }
        }
        catch (StatusException)
        {
            await claims.DisposeAsync();
            throw;
        }

        return claims;
    }

    public ValueTask ReleaseAsync(JsonObject service) => GiveBackAsync([.. ServiceAddresses.Of(service)], [.. ServicePorts.Of(service)]);

    private void Follow(CacheEvent? change)
    {
        int[] before = change?.Previous is { } previous ? [.. ServicePorts.Of(previous.Parse())] : [];
        int[] now = change?.Current is { } current ? [.. ServicePorts.Of(current.Parse())] : [];
        Follow(before, now);
    }

    private void Follow(int[] before, int[] now) => ports.Follow(before.Except(now), now);

    /// <summary>Whatever became of the request: what is not given back now is lost until the next repair.</summary>
    private async ValueTask GiveBackAsync(IReadOnlyCollection<IPAddress> freed, IReadOnlyCollection<int> freedPorts)
    {
        ports.Follow(freedPorts, []);
        foreach (var address in freed) { await addresses.GiveBackAsync(address, CancellationToken.None); }
    }

    /// <summary>A Service is given an address when it is made, or when it is no longer but a name; later ones are refused by validation.</summary>
    private async ValueTask ClaimAddressAsync(ServiceClaims claims, JsonObject? current, JsonObject next, bool isDryRun, CancellationToken cancellationToken)
    {
        if (next.Spec() is not { } spec || spec.Text("type") == "ExternalName" || (current?.Spec() is { } before && before.Text("type") != "ExternalName")) { return; }
        var wanted = spec.Texts("clusterIPs").FirstOrDefault() ?? "";
        if (wanted == "None") { return; }
        if (wanted.Length == 0) { wanted = (await TakeAddressAsync(claims, next, isDryRun, cancellationToken)).ToString(); }
        else { await TakeAddressAsync(claims, next, wanted, isDryRun, cancellationToken); }
        spec["clusterIP"] = wanted;
        spec["clusterIPs"] = new JsonArray(wanted);
    }

    private async ValueTask<IPAddress> TakeAddressAsync(ServiceClaims claims, JsonObject service, bool isDryRun, CancellationToken cancellationToken)
    {
        var address = isDryRun ? addresses.FindFree() : await addresses.TakeAnyAsync(service, cancellationToken);
        if (address is null) { throw Refusal.Internal($"failed to allocate a serviceIP for Service \"{service.Name()}\": range is full"); }
        if (!isDryRun) { claims.Add(address); }
        return address;
    }

    private async ValueTask TakeAddressAsync(ServiceClaims claims, JsonObject service, string wanted, bool isDryRun, CancellationToken cancellationToken)
    {
        StatusException refused(string why) => Invalid(service, FieldError.Invalid("spec.clusterIPs", new JsonArray(wanted), $"failed to allocate IP {wanted}: {why}"));
        if (AddressRules.Parse(wanted) is not { } address || !addresses.Contains(address)) { throw refused("the provided network does not match the current range"); }
        if (isDryRun ? !addresses.IsFree(address) : !await addresses.TryTakeAsync(address, service, cancellationToken)) { throw refused("provided IP is already allocated"); }
        if (!isDryRun) { claims.Add(address); }
    }

    public static StatusException Invalid(JsonObject service, params IReadOnlyList<FieldError> errors) => ObjectRules.Invalid(resource, service.Name(), errors);
}
