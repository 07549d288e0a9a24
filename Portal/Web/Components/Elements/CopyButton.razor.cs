using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace Flotilla.Portal.Web.Components.Elements;

public sealed partial class CopyButton(IJSRuntime browser, TimeProvider clock)
{
    private bool copied;

    /// <summary>Gives the text when it is asked for: it may be a secret that should not lie in the page.</summary>
    [Parameter, EditorRequired]
    public required Func<Task<string?>> Text { get; set; }

    [Parameter]
    public string? Label { get; set; }

    [Parameter]
    public string? TestId { get; set; }

    private async Task CopyAsync()
    {
        if (await Text() is not { } text) { return; }
        copied = await browser.InvokeAsync<bool>("flotilla.copy", text);
        StateHasChanged();
        await Task.Delay(TimeSpan.FromSeconds(2), clock);
        copied = false;
    }
}
