namespace Flotilla.Portal.Contracts;

/// <param name="Kind"><c>webhook</c>, <c>slack</c>, <c>teams</c> or <c>kakaoTalk</c>.</param>
/// <param name="Url">Scheme and host alone: chat services put the secret in the path.</param>
public sealed record AlertChannelView(Guid Id, string Name, string Project, string Kind, string Url, bool Enabled, DateTimeOffset CreatedAt);

/// <param name="Secret">Signs each delivery (Standard Webhooks); shown this once; webhooks only.</param>
public sealed record CreatedAlertChannel(AlertChannelView Channel, string? Secret);

public sealed record NewAlertChannel(string Name, string Project, string Url, string Kind = "webhook");

/// <param name="State"><c>pending</c>, <c>delivered</c>, or <c>failed</c> after the last attempt.</param>
public sealed record DeliveryView(
    Guid Id,
    string Rule,
    string Title,
    string State,
    int Attempts,
    int? ResponseStatus,
    string? Error,
    DateTimeOffset CreatedAt,
    DateTimeOffset? NextAttemptAt,
    DateTimeOffset? DeliveredAt);
