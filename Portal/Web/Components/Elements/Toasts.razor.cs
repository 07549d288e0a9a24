using Microsoft.AspNetCore.Components;

namespace Flotilla.Portal.Web.Components.Elements;

public sealed partial class Toasts : IDisposable
{
    [Inject]
    private ToastBoard Board { get; set; } = default!;

    public void Dispose() => Board.Changed -= Refresh;

    protected override void OnInitialized() => Board.Changed += Refresh;

    private void Refresh() => _ = InvokeAsync(StateHasChanged);
}
