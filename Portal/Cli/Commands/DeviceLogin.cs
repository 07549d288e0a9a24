using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization;
using Flotilla.Portal.Cli.Output;

namespace Flotilla.Portal.Cli.Commands;

/// <summary>The device's side of the device flow (RFC 8628).</summary>
internal static class DeviceLogin
{
    private const string ClientId = "flotilla-cli";

    /// <returns>The token, once the user has said yes in a browser.</returns>
    public static async Task<string> RunAsync(string server, Printer printer, CancellationToken cancellationToken)
    {
        if (!Uri.TryCreate(server.TrimEnd('/') + "/", UriKind.Absolute, out var address)) { throw new CliException($"'{server}' is not a URL"); }
        using var http = new HttpClient { BaseAddress = address };
        try
        {
            var start = await PostAsync(http, "oidc/device", DeviceJson.Default.DeviceStart, cancellationToken, ("client_id", ClientId), ("scope", "openid"));
            printer.Progress($"Open {start.VerificationUriComplete}\nand check that it shows the code {start.UserCode}");
            return await PollAsync(http, start, printer.Clock, cancellationToken);
        }
        catch (HttpRequestException e) { throw new CliException($"cannot reach the portal at {address}: {e.Message}"); }
        catch (JsonException) { throw new CliException($"{address} is not a portal that offers sign-in by device"); }
    }

    private static async Task<string> PollAsync(HttpClient http, DeviceStart start, TimeProvider clock, CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(TimeSpan.FromSeconds(start.Interval), clock, cancellationToken);
            var answer = await PostAsync(http, "oidc/token", DeviceJson.Default.DeviceAnswer, cancellationToken,
                ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"), ("client_id", ClientId), ("device_code", start.DeviceCode));
            if (answer.AccessToken is { } token) { return token; }
            if (answer.Error is not ("authorization_pending" or "slow_down"))
            {
                throw new CliException(answer.Error == "access_denied" ? "the sign-in was refused" : answer.ErrorDescription ?? "the sign-in failed");
            }
        }
    }

    private static async Task<T> PostAsync<T>(
        HttpClient http, string path, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type, CancellationToken cancellationToken,
        params (string Name, string Value)[] fields)
    {
        using var form = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value)));
        using var response = await http.PostAsync(path, form, cancellationToken);
        return await response.Content.ReadFromJsonAsync(type, cancellationToken) ?? throw new JsonException();
    }
}

internal sealed record DeviceStart(string DeviceCode, string UserCode, string VerificationUriComplete, int Interval);

internal sealed record DeviceAnswer(string? AccessToken, string? Error, string? ErrorDescription);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, RespectRequiredConstructorParameters = false)]
[JsonSerializable(typeof(DeviceStart))]
[JsonSerializable(typeof(DeviceAnswer))]
internal sealed partial class DeviceJson : JsonSerializerContext;
