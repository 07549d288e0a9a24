using System.Security.Cryptography;
using Flotilla.Provisioner.Fleet.Audit;
using Flotilla.Provisioner.Fleet.Projects;
using Flotilla.Provisioner.Fleet.Schema;
using Flotilla.Provisioner.Fleet.Secrets;
using Microsoft.EntityFrameworkCore;

namespace Flotilla.Provisioner.Fleet.Alerts;

/// <param name="Secret">For webhooks: <c>whsec_</c> and base64; null makes one.</param>
public sealed record NewAlertChannel(Guid ProjectId, string Name, ChannelKind Kind, string Url, string? Secret = null);

/// <summary>The channel, and its signing secret, which is shown this once.</summary>
public sealed record CreatedAlertChannel(AlertChannel Channel, string? Secret);

public sealed class AlertChannelCommands(IDbContextFactory<FleetDbContext> contexts, SecretBox secrets, TimeProvider clock)
{
    public static string UrlPurpose(Guid channelId) => $"alert channel {channelId} url";

    public static string SecretPurpose(Guid channelId) => $"alert channel {channelId} secret";

    public async Task<Outcome<CreatedAlertChannel>> CreateAsync(NewAlertChannel wanted, Actor actor, CancellationToken cancellationToken)
    {
        if (Validate(wanted) is { } invalid) { return invalid; }
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        if (await ProjectAccess.CheckAsync(context, wanted.ProjectId, actor, ProjectRole.Developer, cancellationToken) is { } refused) { return refused; }
        var id = Guid.CreateVersion7();
        var secret = wanted.Kind == ChannelKind.Webhook ? wanted.Secret ?? NewSecret() : null;
        var channel = new AlertChannel
        {
            Id = id,
            ProjectId = wanted.ProjectId,
            Name = wanted.Name.Trim(),
            Kind = wanted.Kind,
            Url = secrets.Seal(wanted.Url, UrlPurpose(id)),
            DisplayUrl = new Uri(wanted.Url).GetLeftPart(UriPartial.Authority),
            Secret = secret is null ? null : secrets.Seal(secret, SecretPurpose(id)),
            CreatedAt = clock.GetUtcNow(),
        };
        context.AlertChannels.Add(channel);
        context.Audit(actor, clock, "alert-channel.create", channel.Name, wanted.ProjectId, $"{channel.Kind} {channel.DisplayUrl}");
        return await context.TrySaveAsync(cancellationToken)
            ? new CreatedAlertChannel(channel, secret)
            : new FleetError("name.taken", $"There already is a channel named {channel.Name} in the project.", "name");
    }

    public Task<Outcome<AlertChannel>> SetEnabledAsync(Guid channelId, bool enabled, Actor actor, CancellationToken cancellationToken) =>
        ChangeAsync(channelId, actor, enabled ? "alert-channel.enable" : "alert-channel.disable",
            (_, channel) => channel.Enabled = enabled, cancellationToken);

    public Task<Outcome<AlertChannel>> DeleteAsync(Guid channelId, Actor actor, CancellationToken cancellationToken) =>
        ChangeAsync(channelId, actor, "alert-channel.delete", (context, channel) => context.AlertChannels.Remove(channel), cancellationToken);

    /// <summary>Sends a test message through the ordinary outbox, to this channel alone.</summary>
    public Task<Outcome<AlertChannel>> TestAsync(Guid channelId, Actor actor, CancellationToken cancellationToken) =>
        ChangeAsync(channelId, actor, "alert-channel.test", (context, channel) => AddTest(context, channel, actor), cancellationToken);

    private async Task<Outcome<AlertChannel>> ChangeAsync(
        Guid channelId, Actor actor, string action, Action<FleetDbContext, AlertChannel> change, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var channel = await context.AlertChannels.FindAsync([channelId], cancellationToken);
        if (channel is null) { return NotFound; }
        var refused = await ProjectAccess.CheckAsync(context, channel.ProjectId, actor, ProjectRole.Developer, cancellationToken);
        if (refused is not null) { return refused == ProjectAccess.NotFound ? NotFound : refused; }
        change(context, channel);
        context.Audit(actor, clock, action, channel.Name, channel.ProjectId);
        return await context.TrySaveAsync(cancellationToken) ? channel : NotFound;
    }

    private void AddTest(FleetDbContext context, AlertChannel channel, Actor actor)
    {
        var now = clock.GetUtcNow();
        var alert = new Alert
        {
            ClusterId = "",
            ProjectId = channel.ProjectId,
            Rule = "test",
            Key = $"test/{Guid.CreateVersion7()}",
            Severity = AlertSeverity.Info,
            Title = "Test message",
            Text = $"{actor.Name} tests the channel {channel.Name}.",
            OccurredAt = now,
        };
        context.Alerts.Add(alert);
        context.AlertDeliveries.Add(new() { AlertId = alert.Id, ChannelId = channel.Id, CreatedAt = now, NextAttemptAt = now });
    }

    private static FleetError NotFound { get; } = new("alert-channel.not-found", "There is no such alert channel.");

    private static FleetError? Validate(NewAlertChannel wanted)
    {
        if (string.IsNullOrWhiteSpace(wanted.Name)) { return new("name.required", "A name is required.", "name"); }
        if (wanted.Name.Trim().Length > 80) { return new("name.invalid", "The name is longer than 80 characters.", "name"); }
        if (!Uri.TryCreate(wanted.Url, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
        {
            return new("url.invalid", "Enter a whole http:// or https:// address.", "url");
        }
        return wanted.Secret is { } secret && !IsSecret(secret)
            ? new("secret.invalid", "A signing secret is whsec_ followed by 24 to 64 bytes in base64.", "secret")
            : null;
    }

    // Standard Webhooks: the secret is 24 to 64 random bytes, written whsec_<base64>.
    private static string NewSecret() => "whsec_" + Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    private static bool IsSecret(string secret)
    {
        Span<byte> bytes = stackalloc byte[64];
        return secret.StartsWith("whsec_", StringComparison.Ordinal)
            && Convert.TryFromBase64String(secret["whsec_".Length..], bytes, out var length)
            && length >= 24;
    }
}
