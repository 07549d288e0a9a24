using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace Flotilla.Portal.Web.Components.Elements;

/// <summary>The browser's own modal dialog, which keeps the focus inside and closes with Escape. It is open while it is rendered.</summary>
public sealed partial class Dialog(IJSRuntime browser)
{
    private readonly string titleId = $"dialog-{Guid.NewGuid():N}";
    private ElementReference element;

    [Parameter, EditorRequired]
    public required string Title { get; set; }

    [Parameter]
    public string? TestId { get; set; }

    [Parameter]
    public EventCallback OnClose { get; set; }

    [Parameter]
    public RenderFragment? ChildContent { get; set; }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender) { await browser.InvokeVoidAsync("flotilla.openDialog", element); }
    }
}
