using Flotilla.Portal.Identity.Issuer;
using Flotilla.Portal.Identity.Sessions;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;

namespace Flotilla.Portal.Web.Components.Pages.Account;

/// <summary>Where a user lets the command line in: they compare the code, and say yes or no.</summary>
public sealed partial class DevicePage(DeviceGrants grants)
{
    private string? client;
    private string? answer;
    private string? error;

    [SupplyParameterFromForm]
    private DeviceInput Input { get; set; } = default!;

    [SupplyParameterFromQuery(Name = "user_code")]
    private string? UserCode { get; set; }

    [CascadingParameter]
    private Task<AuthenticationState> Authentication { get; set; } = default!;

    protected override async Task OnInitializedAsync()
    {
        Input ??= new();
        if (string.IsNullOrWhiteSpace(Input.Code)) { Input.Code = UserCode ?? ""; }
        if (Input.Code is { Length: > 0 } code) { client = await grants.FindClientAsync(code, CancellationToken.None); }
    }

    private async Task AnswerAsync()
    {
        var user = (await Authentication).User.ToActor().UserId!.Value;
        if (await grants.AnswerAsync(Input.Code ?? "", user, Input.Answer == "allowed", CancellationToken.None))
        {
            answer = Input.Answer == "allowed" ? "allowed" : "refused";
            return;
        }
        error = L["No device waits under this code. It may have expired: start again on the device."];
    }
}

internal sealed class DeviceInput
{
    public string? Code { get; set; }

    public string? Answer { get; set; }
}
