using Microsoft.JSInterop;

namespace Flotilla.Portal.Web.Components.Layout;

public sealed partial class ThemePicker(IJSRuntime browser)
{
    private static readonly (string Name, string Icon, string Label)[] Choices =
        [("light", "sun", "Light"), ("dark", "moon", "Dark"), ("system", "screen", "As the system")];

    private string? current;

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender) { return; }
        current = await browser.InvokeAsync<string>("flotilla.theme");
        StateHasChanged();
    }

    private async Task ChooseAsync(string name)
    {
        current = name;
        await browser.InvokeVoidAsync("flotilla.setTheme", name);
    }
}
